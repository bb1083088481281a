// On the page that a sign-out leads to: nothing of the entries that a judge read stays on the device.

import {clearDevice} from './judge_device.js';

await clearDevice();
document.documentElement.dataset.cleared = 'yes';
