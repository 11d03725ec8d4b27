/** Password login and session key of the AppWebsocket (wire-protocols 5.3, 5.4). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

// WebCrypto is missing on plain http (except localhost), so the hash comes along.
const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

const NO_GUID = '0'.repeat(32)

/** Key of the secrets on a connection that was signed in with this password (5.6): 64 hex digits, used as text. */
export const sessionKey = (challenge: string, password: string): string => sha256Hex(`innovaphoneAppSessionKey:${challenge}:${password}`)

/** The AppLogin message of somebody who signs in with a domain and a password. */
export function passwordLogin(app: string, domain: string, password: string, challenge: string): Record<string, string> {
  const digest = sha256Hex([app, domain, app, NO_GUID, 'Admin', challenge, password].join(':'))
  return { mt: 'AppLogin', app, domain, sip: app, guid: NO_GUID, dn: 'Admin', digest }
}
