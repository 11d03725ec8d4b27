/** Certificate and key of the listener: checked before use, watched for change. */
import crypto from 'node:crypto'
import fs from 'node:fs'
import { UsageError } from '../../errors.ts'

export interface TlsFiles { readonly certFile: string, readonly keyFile: string }

const read = (file: string, what: string): string => {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError('tls-file', `the TLS ${what} ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Throws a clear `UsageError` unless both are PEM and belong together. */
export function checkTlsFiles(files: TlsFiles): void {
  const certText = read(files.certFile, 'certificate')
  const keyText = read(files.keyFile, 'key')
  let certificate: crypto.X509Certificate
  let key: crypto.KeyObject
  try {
    certificate = new crypto.X509Certificate(certText)
  } catch (cause) {
    throw new UsageError('tls-file', `${files.certFile} is no PEM certificate`, { cause })
  }
  try {
    key = crypto.createPrivateKey(keyText)
  } catch (cause) {
    throw new UsageError('tls-file', `${files.keyFile} is no PEM private key without a passphrase`, { cause })
  }
  if (!certificate.checkPrivateKey(key)) throw new UsageError('tls-file', `the key ${files.keyFile} does not belong to the certificate ${files.certFile}`)
}

/** Changes whenever one of the files does. */
export function tlsStamp(files: TlsFiles): string {
  try {
    return [files.certFile, files.keyFile].map(file => {
      const { mtimeMs, size, ino } = fs.statSync(file)
      return `${mtimeMs}/${size}/${ino}`
    }).join(' ')
  } catch {
    return 'unreadable'
  }
}
