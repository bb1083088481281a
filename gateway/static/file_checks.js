// What a browser can say of a file before it is sent: its kind, its size, and how long a film plays.
//
// The service decides in the end; this only spares people an upload that would be refused. Limits come from the page,
// which has them of the service. What the browser cannot read, such as HEIC or WMV, is sent and left to the service.

const KINDS = {
  picture: /\.(jpe?g|png|webp|gif|bmp|tiff?|hei[cf]|avif)$/i,
  video: /\.(mp4|m4v|mov|wmv|avi|mkv|webm|3gp|mpe?g)$/i,
  audio: /\.(mp3|m4a|aac|wav|wma|ogg|flac|amr)$/i,
};
const READING_MS = 8000;

// Return picture, video or audio by the type that the browser names, else by the ending; '' for anything else.
export function kindOf(file) {
  const [main] = (file.type || '').split('/');
  if (main === 'image') return /svg/i.test(file.type) ? '' : 'picture';
  if (main === 'video' || main === 'audio') return main;
  return Object.keys(KINDS).find(kind => KINDS[kind].test(file.name)) || '';
}

// Return the first problem of a file as {code, …}, or null. `limits` holds <kind>_max_bytes and video_max_s.
export async function problemOf(file, kind, limits) {
  if (!kind) return {code: 'kind'};
  if (file.size === 0) return {code: 'empty'};
  const allowed = limits[`${kind}_max_bytes`];
  if (allowed && file.size > allowed) return {code: 'large', allowed};
  if (kind !== 'video' || !limits.video_max_s) return null;
  const seconds = await durationOf(file);
  if (seconds !== null && Math.floor(seconds) > limits.video_max_s) {
    return {code: 'long', seconds, allowed: limits.video_max_s};
  }
  return null;
}

// Return how many seconds a film or sound plays, or null if this browser cannot tell.
export function durationOf(file) {
  return new Promise(found => {
    const player = document.createElement('video');
    const address = URL.createObjectURL(file);
    const end = value => {
      clearTimeout(timer);
      player.removeAttribute('src');
      URL.revokeObjectURL(address);
      found(value);
    };
    const timer = setTimeout(end, READING_MS, null);
    player.preload = 'metadata';
    player.muted = true;
    player.onloadedmetadata = () => end(Number.isFinite(player.duration) ? player.duration : null);
    player.onerror = () => end(null);
    player.src = address;
  });
}

const CAPTIONS_MAX_BYTES = 240_000;

// Return the text of a caption file, or null if it is too large. Editors in China write UTF-8, UTF-16 or GB 18030.
export async function textOf(file) {
  if (file.size > CAPTIONS_MAX_BYTES) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mark = bytes.length > 1 ? bytes[0] * 256 + bytes[1] : 0;
  const wide = {0xfffe: 'utf-16le', 0xfeff: 'utf-16be'}[mark];
  const text = encoding => new TextDecoder(encoding, {fatal: true}).decode(bytes);
  for (const encoding of wide ? [wide] : ['utf-8', 'gb18030']) {
    try { return text(encoding).replace(/\r\n?/g, '\n'); } catch { /* another encoding */ }
  }
  return new TextDecoder('utf-8').decode(bytes).replace(/\r\n?/g, '\n');
}

export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export function mebibytes(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(bytes < 104857600 ? 1 : 0)} MB`;
}
