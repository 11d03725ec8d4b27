/** haproxy as a plain HTTP proxy: the least that passes requests of browsers on to a web server. From the Debian package `haproxy`. */
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { folder, SERVER_CORE, start, type Measured } from '../processes.ts'

const PROGRAM = '/usr/sbin/haproxy'
export const haproxyIsThere = (): boolean => fs.existsSync(PROGRAM)

/** A free port of the loopback. */
export async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const listening = (port: number): Promise<boolean> => new Promise(resolve => {
  const socket = net.connect(port, '127.0.0.1', () => {
    socket.destroy()
    resolve(true)
  })
  socket.on('error', () => resolve(false))
})

/** One thread on core 0, in front of a web server on port `behind`. */
export async function startHaproxy(behind: number): Promise<Measured & { url: string }> {
  const port = await freePort()
  const file = path.join(folder(), 'haproxy.cfg')
  fs.writeFileSync(file, `global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server web 127.0.0.1:${behind}
`)
  const measured = await start(SERVER_CORE, ['sh', '-c', `echo started; exec ${PROGRAM} -db -f ${file}`], /started/)
  while (!await listening(port)) await new Promise(resolve => setTimeout(resolve, 20))
  fs.rmSync(path.dirname(file), { recursive: true })
  return { ...measured, url: `http://127.0.0.1:${port}` }
}
