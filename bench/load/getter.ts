/** One keep-alive connection of a browser, reduced to what a benchmark needs: a GET, and the bytes of its body counted. */
import net from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')

export class Getter {
  readonly #socket: net.Socket
  #left = -1
  #head: Buffer | undefined
  #size = 0
  #done: ((bytes: number) => void) | undefined

  /** `at`: a port of the loopback, or the path of a unix socket. */
  constructor(at: number | string) {
    this.#socket = typeof at === 'string' ? net.connect(at) : net.connect(at, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (data: Buffer) => this.#data(data))
    this.#socket.on('close', () => { if (this.#done) throw new Error('the server closed in the middle of an answer') })
  }

  /** Bytes of the body of the answer. */
  get(path: string): Promise<number> {
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0\r\nAccept: */*\r\nAccept-Language: de,en;q=0.8\r\nAccept-Encoding: gzip, deflate\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\r\n`)
    return new Promise(resolve => { this.#done = resolve })
  }

  #data(data: Buffer): void {
    if (this.#left >= 0) return this.#body(data.length)
    const bytes = this.#head ? Buffer.concat([this.#head, data]) : data
    const end = bytes.indexOf(HEAD_END)
    if (end < 0) {
      this.#head = bytes
      return
    }
    this.#head = undefined
    const head = bytes.toString('latin1', 0, end)
    const length = /content-length: *(\d+)/i.exec(head)?.[1]
    if (!head.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(`unexpected answer: ${head}`)
    this.#left = this.#size = Number(length)
    this.#body(bytes.length - end - 4)
  }

  #body(size: number): void {
    this.#left -= size
    if (this.#left > 0) return
    const done = this.#done
    this.#left = -1
    this.#done = undefined
    done?.(this.#size)
  }

  close(): void { this.#socket.destroy() }
}
