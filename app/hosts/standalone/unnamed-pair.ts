/** Certificate and key that come as text. The addon reads files: these have no name, so that the key is on no disk under one. */
import fs from 'node:fs'
import os from 'node:os'
import { UsageError } from '../../errors.ts'
import type { TlsFiles } from './tls-files.ts'

const O_TMPFILE = 0o20000000 | fs.constants.O_DIRECTORY

/** PEM texts that belong together. */
export interface PairText { readonly cert: string, readonly key: string }

export class UnnamedPair implements TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly #cert = unnamed()
  readonly #key = unnamed()

  constructor(pair: PairText) {
    this.certFile = `/proc/self/fd/${this.#cert}`
    this.keyFile = `/proc/self/fd/${this.#key}`
    this.write(pair)
  }

  write({ cert, key }: PairText): void {
    rewrite(this.#cert, cert)
    rewrite(this.#key, key)
  }

  close(): void { for (const fd of [this.#cert, this.#key]) fs.closeSync(fd) }
}

function unnamed(): number {
  for (const folder of ['/dev/shm', os.tmpdir(), process.cwd()]) {
    try {
      return fs.openSync(folder, O_TMPFILE | fs.constants.O_RDWR, 0o600)
    } catch {
      // Not there, or a file system without files of that kind: the next one.
    }
  }
  throw new UsageError('tls-file', 'no folder takes the certificate of the App Platform')
}

function rewrite(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  fs.ftruncateSync(fd)
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at, bytes.length - at, at)
}
