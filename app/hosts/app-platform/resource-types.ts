/** Media types that the webserver has a number for (app-platform-local 3.2). Those it might spell otherwise are left to a header field. */
const NUMBERS: Readonly<Record<string, number>> = {
  'application/octet-stream': 0x101, 'audio/wav': 0x103, 'audio/ogg': 0x104, 'audio/mpeg': 0x105, 'image/gif': 0x106, 'image/png': 0x107,
  'image/bmp': 0x108, 'image/x-icon': 0x109, 'application/pdf': 0x10c, 'text/plain': 0x10d, 'text/xml': 0x10e, 'text/css': 0x10f,
  'text/javascript': 0x110, 'application/javascript': 0x110, 'application/json': 0x111, 'text/html': 0x112, 'image/svg+xml': 0x113,
  'image/jpeg': 0x118, 'video/mp4': 0x119, 'video/webm': 0x11a, 'text/csv': 0x11f, 'application/xml': 0x120,
}
/** No content, or one that a header field names. */
export const NONE = 0x100
/** Internal: the client's copy is still good. */
export const UNCHANGED = 2

/** UTF-8 is what all of these are anyway; any other parameter must be kept. */
export const resourceOf = (contentType: string): number | undefined => NUMBERS[contentType.toLowerCase().replace(/; *charset="?utf-8"?$/, '').trim()]
