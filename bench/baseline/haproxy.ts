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

const listening = (at: number | string): Promise<boolean> => new Promise(resolve => {
  const socket = (typeof at === 'string' ? net.connect(at) : net.connect(at, '127.0.0.1')).on('connect', () => {
    socket.destroy()
    resolve(true)
  })
  socket.on('error', () => resolve(false))
})

const address = (at: number | string): string => typeof at === 'string' ? `unix@${at}` : `127.0.0.1:${at}`

/** One thread on core 0 that listens `at` a port of the loopback or a unix socket, in front of a web server `behind` such a place. */
export async function startHaproxy(at: number | string, behind: number | string): Promise<Measured> {
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
  bind ${address(at)}
  default_backend web
backend web
  server web ${address(behind)}
`)
  const measured = await start(SERVER_CORE, ['sh', '-c', `echo started; exec ${PROGRAM} -db -f ${file}`], /started/)
  while (!await listening(at)) await new Promise(resolve => setTimeout(resolve, 20))
  fs.rmSync(path.dirname(file), { recursive: true })
  return measured
}
