/** The certificate that the manager gives to its services (app-platform-local 2.3, SetCertificate). May hold a private key: never logged. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'

/** Told this long before the end, ms. */
const NOTICE = 30 * 24 * 3600_000

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^]*?-----END (?:[A-Z]+ )?PRIVATE KEY-----/g

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined // none, or one with a passphrase
  }
}

function isOf(pem: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(key)
  } catch {
    return false
  }
}

/** A key and its chain out of a PEM text of any order, the certificate of the key in front; `undefined` when there is no such pair. */
export function pairOf(pem: string): { cert: string, key: string } | undefined {
  const certificates = pem.match(CERTIFICATE) ?? []
  for (const text of pem.match(PRIVATE_KEY) ?? []) {
    const key = keyOf(text)
    const own = key && certificates.find(one => isOf(one, key))
    if (own !== undefined) return { cert: `${[own, ...certificates.filter(one => one !== own)].join('\n')}\n`, key: `${text}\n` }
  }
  return undefined
}

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
