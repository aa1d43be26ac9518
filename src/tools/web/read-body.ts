import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, constants } from 'node:zlib';
import { ToolError } from '../tool-error.js';

/** What `readBody` can unpack, as a request says it. */
export const ACCEPTED_ENCODINGS = 'gzip, br';

/** Most layers of packing: each is one more chance of a bomb, and servers use one. */
const MOST_LAYERS = 2;

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  // What is cut off is given as far as it goes.
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};

/**
 * The unpacked body of an answer, but no more than its first `maxBytes`; the rest is neither read nor unpacked, and the
 * connection is closed. Rejects with ToolError for a packing that is not known.
 */
export async function readBody(
  body: Readable,
  { encoding, maxBytes }: { readonly encoding: string | undefined; readonly maxBytes: number },
): Promise<{ readonly bytes: Buffer<ArrayBuffer>; readonly isCut: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of unpacked(body, encoding)) {
    const piece = chunk as Buffer;
    chunks.push(length + piece.length > maxBytes ? piece.subarray(0, maxBytes - length) : piece);
    length += piece.length;
    // Leaving the loop destroys the stream.
    if (length > maxBytes) return { bytes: Buffer.concat(chunks), isCut: true };
  }
  return { bytes: Buffer.concat(chunks), isCut: false };
}

/** Closes the connection of a body that nobody wants. */
export function discardBody(body: Readable): void {
  // That it was not read is told as an error.
  body.on('error', () => undefined).destroy();
}

function unpacked(body: Readable, encoding: string | undefined): Readable {
  const layers = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((layer) => layer.trim())
    .filter((layer) => layer !== '' && layer !== 'identity');
  const decoders = layers.toReversed().map((layer) => DECODERS[layer]?.());
  const known = decoders.filter((decoder) => decoder !== undefined);
  if (known.length < layers.length || layers.length > MOST_LAYERS) {
    discardBody(body);
    throw new ToolError('its answer is packed in a way that cannot be unpacked; go on without it');
  }
  const last = known.at(-1);
  if (!last) return body;
  // An error of one stream ends them all, and so comes out of the last.
  pipeline([body, ...known], () => undefined);
  return last;
}
