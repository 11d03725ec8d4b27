/** The files that devices and the plain web server behind haproxy serve alike: whole HTTP answers in memory. */
export const SIZES = { '1k': 1024, '64k': 64 * 1024, '10m': 10 * 1024 * 1024 } as const
export type FileName = keyof typeof SIZES

const answers = new Map<string, Buffer>()
for (const [name, size] of Object.entries(SIZES)) {
  const head = `HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: application/octet-stream\r\nLast-Modified: Tue, 14 Oct 2025 08:00:00 GMT\r\nCache-Control: no-cache\r\nContent-Length: ${size}\r\n\r\n`
  answers.set(`/${name}`, Buffer.concat([Buffer.from(head), Buffer.alloc(size, 'x')]))
}
const MISSING = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')

/** The answer to a request for `path`. */
export const answerTo = (path: string): Buffer => answers.get(path) ?? MISSING
