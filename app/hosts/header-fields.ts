/** Which header fields of a response may go out, the same for every host. */

/** Fields that the host itself decides: framing and connection (RFC 9112), and the date. */
const OWN = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date', 'trailer', 'upgrade'])
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// What could end the field or the head, and begin another.
const FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** False for what cannot be sent as one field: a device's head must not be able to forge another. */
export const isSendable = (name: string, value: string): boolean => !OWN.has(name.toLowerCase()) && TOKEN.test(name) && !FORBIDDEN.test(value)

/** Statuses that never have a body (RFC 9110, 15.3.5, 15.3.6, 15.4.5). */
export const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])
