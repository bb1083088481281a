// Large photos are made smaller on the phone before they are sent: pages show them at most 1,920 pixels wide.
//
// Promises: what comes back is upright, at least as wide as pages show it, and holds no place and no device; a photo
// that says that a machine made it goes as it is, since the service reads that from the file; so does anything that is
// no JPEG, that this browser cannot decode, or that would hardly become smaller.

const FROM_BYTES = 2 * 1024 * 1024;
const WIDEST = 2560; // pixels; a third more than the widest picture of pages
const QUALITY = 0.9;
const WORTH = 0.8; // of the bytes; a copy that is larger is not worth it
// What stands in a file with a label of a machine (`shared/media/ai_labels.py`).
const MARKS = ['jumdc2pa', 'digitalsourcetype/', 'AIGC', 'A\0I\0G\0C', 'EXtp', 'TXtp', 'EXtw', 'TXtw'];

// Return a smaller copy of a photo under the same name, or null where it goes as it is.
export async function scaled(file) {
  if (file.type !== 'image/jpeg' || file.size < FROM_BYTES) return null;
  try {
    const text = new TextDecoder('latin1').decode(await file.arrayBuffer());
    if (MARKS.some(mark => text.includes(mark))) return null;
    const picture = await createImageBitmap(file, {imageOrientation: 'from-image'});
    const by = Math.min(1, WIDEST / picture.width);
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * by);
    canvas.height = Math.round(picture.height * by);
    const pen = canvas.getContext('2d');
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const copy = await new Promise(done => { canvas.toBlob(done, 'image/jpeg', QUALITY); });
    canvas.width = canvas.height = 0; // old phones keep the memory otherwise
    if (!copy || copy.type !== 'image/jpeg' || copy.size > WORTH * file.size) return null;
    return new File([copy], file.name, {type: 'image/jpeg', lastModified: file.lastModified});
  } catch { return null; } // too little memory, or a browser that lacks one of these
}
