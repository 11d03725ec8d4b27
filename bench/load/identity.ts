/** What the devices of `fill` say about themselves and how they prove it (wire-protocols chapter 2). */
import crypto from 'node:crypto'
import { filledDevice, filledPassword } from '../../test/fixtures/fill.ts'

/** A message of the administrative channel. */
export const admin = (body: object): Buffer => Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from(JSON.stringify(body))])

/** What the n-th device identifies with. */
export function identityOf(n: number): object {
  const { hwId, product, version, type, ip } = filledDevice(n)
  return { id: hwId, product, version, platform: { type }, ethIfs: [{ if: 'ETH0', ipv4: ip }] }
}

/** The answer of the n-th device to the message that challenges it. */
export function proof(n: number, message: Buffer): Buffer {
  const { challenge } = JSON.parse(message.toString('utf8', 3)) as { challenge: string }
  const { hwId, product, version } = filledDevice(n)
  const digest = crypto.createHash('sha256').update(`${hwId}:${product}:${version}:${challenge}:${filledPassword(n)}`).digest('hex')
  return admin({ ...identityOf(n), digest })
}

/** Messages of the administrative channel by their type. */
export const isChallenge = (message: Buffer): boolean => message[0] === 1 && message[2] === 2
/** The administrative password: the device is in, because the domain deploys one. */
export const isWelcome = (message: Buffer): boolean => message[0] === 1 && message[2] === 3
