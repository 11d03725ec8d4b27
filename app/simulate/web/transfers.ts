/** Downloads and uploads a device really does with its own HTTP client: firmware, scripts, backups (features 6.4, 7, 9.2). */
import http from 'node:http'
import https from 'node:https'
import { LIMITS } from '../../limits.ts'

export type Transfer = { readonly ok: true, readonly bytes: number, readonly text: string } | { readonly ok: false, readonly error: string }

interface Job { readonly method: 'GET' | 'PUT', readonly body?: string, /** Keep this much of the answer, in bytes. */ readonly keep: number, readonly insecure: boolean }

/** Runs one transfer; every failure is a result, so that a command can report it. */
export function transfer(address: string, job: Job): Promise<Transfer> {
  return new Promise(resolve => {
    const fail = (error: string): void => resolve({ ok: false, error })
    let url: URL
    try {
      url = new URL(address)
    } catch {
      return fail('bad url')
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return fail('bad url')
    const client = url.protocol === 'https:' ? https : http
    const request = client.request(url, { method: job.method, agent: false, timeout: LIMITS.simulatedTransfer.value, ...(job.insecure ? { rejectUnauthorized: false } : {}) })
    request.on('response', response => {
      const kept: Buffer[] = []
      let bytes = 0
      let keptBytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > LIMITS.simulatedDownload.value) return request.destroy(new Error('too large'))
        if (keptBytes < job.keep) kept.push(piece.subarray(0, job.keep - keptBytes))
        keptBytes = Math.min(job.keep, keptBytes + piece.length)
      })
      response.on('end', () => {
        const status = response.statusCode ?? 0
        if (status < 200 || status > 299) fail(`HTTP ${status}`)
        else if (!response.complete) fail('incomplete')
        else resolve({ ok: true, bytes, text: Buffer.concat(kept).toString('utf8') })
      })
      response.on('error', cause => fail(cause.message))
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', cause => fail(cause.message))
    if (job.body !== undefined) {
      request.setHeader('Content-Type', 'text/plain')
      // Devices send their backups chunked (features 7).
      request.setHeader('Transfer-Encoding', 'chunked')
    }
    request.end(job.body)
  })
}
