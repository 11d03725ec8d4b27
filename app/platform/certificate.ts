/** The certificate that the manager gives to its services (app-platform-local 2.3, SetCertificate). May hold a private key: never logged. */
import { X509Certificate } from 'node:crypto'

/** Told this long before the end, ms. */
const NOTICE = 30 * 24 * 3600_000

/** What is wrong with the first certificate of a PEM text at that time, or `undefined`. */
export function certificateTrouble(pem: string, now: number): string | undefined {
  if (pem === '') return undefined
  const first = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem)?.[0]
  if (first === undefined) return 'the certificate of the App Platform cannot be read'
  try {
    const { validTo } = new X509Certificate(first)
    const end = Date.parse(validTo)
    if (end < now) return `the certificate of the App Platform has expired on ${validTo}`
    return end - now < NOTICE ? `the certificate of the App Platform expires on ${validTo}` : undefined
  } catch {
    return 'the certificate of the App Platform cannot be read'
  }
}
