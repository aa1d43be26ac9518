import { errorCode } from '../../util/file-trouble.js';
import { ToolError } from '../tool-error.js';

const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [/^ENOTFOUND$|^ENODATA$/, 'there is no such host; check its name'],
  [/^EAI_AGAIN$/, 'its name cannot be looked up now'],
  [/^ECONNREFUSED$/, 'it refused the connection'],
  [/^ECONNRESET$|^UND_ERR_SOCKET$|^EPIPE$/, 'it broke off the connection'],
  [/^UND_ERR_CONNECT_TIMEOUT$|^ETIMEDOUT$/, 'it cannot be reached in time'],
  [/^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/, 'it stopped answering'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/, 'there is no way to it'],
  [/CERT|^UNABLE_TO_|^DEPTH_ZERO|^HOSTNAME_MISMATCH$/, 'its certificate cannot be trusted'],
  [/^ERR_SSL_|^EPROTO$/, 'no encrypted connection can be made with it'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'it answered with too many headers'],
  [/^HTTPParserError$|^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/, 'its answer is no proper HTTP'],
  [/^Z_|^ERR__ERROR_FORMAT|^ERR_BROTLI|^ERR_PADDING/, 'its answer cannot be unpacked'],
];

/** The error for a model when a host could not be asked; what is no trouble of the network is given back as it is. */
export function networkError(error: unknown, { host }: URL): unknown {
  if (error instanceof ToolError) return error;
  // What comes for several addresses at once has the code of the first; broken HTTP may have none.
  const codes = [errorCode(error), error instanceof Error ? error.name : undefined];
  for (const [pattern, words] of WORDS) {
    if (codes.some((code) => code !== undefined && pattern.test(code))) {
      return new ToolError(`${host} cannot be asked: ${words}`, { cause: error });
    }
  }
  return error;
}
