/** The way of a backup to the service, straight from the disk: the browser reads the file while it sends it. */
import { instanceUrl } from '../connection/location.ts'
import { connection } from '../session/session.ts'
import { isKeyRefused, type Answer } from './reasons.ts'

export class UploadCancelled extends Error {
  constructor() { super('the transfer was cancelled'); this.name = 'UploadCancelled' }
}

export interface Upload {
  /** @throws UploadCancelled, and what a request for the key throws */
  readonly answer: Promise<Answer>
  /** Breaks the transfer off. When everything has been sent it is too late. */
  cancel(): void
}

const GZIP = [0x1f, 0x8b]
const SQLITE = [...new TextEncoder().encode('SQLite format 3')]

/** Whether a file begins like a backup: nobody waits for a long transfer to learn that it was the wrong one. */
export async function looksLikeBackup(file: Blob): Promise<boolean> {
  try {
    const head = new Uint8Array(await file.slice(0, SQLITE.length).arrayBuffer())
    return [GZIP, SQLITE].some(start => start.every((byte, at) => head[at] === byte))
  } catch {
    return false // a folder, or a file that may not be read
  }
}

/** @param onSent bytes that have left so far; all of them: the service has the file */
export function sendBackup(file: Blob, onSent: (bytes: number) => void): Upload {
  let current: XMLHttpRequest | undefined
  let cancelled = false
  let arrived = false
  const once = async (): Promise<Answer> => {
    const { key } = await connection().request('RequestHttpKey', {})
    if (cancelled) throw new UploadCancelled()
    arrived = false
    return new Promise((resolve, reject) => {
      const request = current = new XMLHttpRequest()
      request.open('POST', `${instanceUrl(location.href)}/restore?key=${encodeURIComponent(key)}`)
      request.setRequestHeader('content-type', 'application/octet-stream')
      // Headers of the request are counted by some browsers.
      request.upload.onprogress = ({ loaded }) => onSent(Math.min(loaded, file.size - 1))
      request.upload.onload = () => {
        arrived = true
        onSent(file.size)
      }
      request.onload = () => resolve({ status: request.status, text: request.responseText })
      request.onerror = () => resolve({ status: 0, text: '' })
      request.onabort = () => reject(new UploadCancelled())
      request.send(file)
    })
  }
  const answer = once().then(first => isKeyRefused(first) && !cancelled ? once() : first)
  return {
    answer,
    cancel: () => {
      if (arrived) return
      cancelled = true
      current?.abort()
    },
  }
}
