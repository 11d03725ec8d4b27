import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { loginDigestText, sessionKeyText } from '../../app/protocol/app-websocket.ts'
import { decryptHex, encryptHex } from '../../app/protocol/rc4.ts'
import { decodeFrame, encodeAdmin, encodeRecv, encodeTunnel, type AdminType, type TunnelEvent } from '../../app/protocol/sysclient-frames.ts'
import { digestText, identify, parseAdmin } from '../../app/protocol/sysclient-messages.ts'
import { compactMember } from '../../app/appwebsocket/compact-json.ts'

const data = <T>(name: string): T => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../data', name), 'utf8')) as T
const sha256 = (text: string): string => crypto.createHash('sha256').update(text).digest('hex')

t.test('digests of devices', async t => {
  const { version, vectors } = data<{ version: string, vectors: { id: string, product: string, challenge: string, password: string, digest: string }[] }>('digest-vectors.json')
  for (const { id, product, challenge, password, digest } of vectors) t.equal(sha256(digestText({ id, product, version }, challenge, password)), digest, challenge)
})

t.test('RC4', async t => {
  for (const { seed, key, hex, clear } of data<{ vectors: { seed: string, key: string, hex: string, clear: string }[] }>('rc4-vectors.json').vectors) {
    t.equal(encryptHex(seed, key, clear), hex)
    t.equal(decryptHex(seed, key, hex), clear)
  }
  fc.assert(fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), (seed, key, text) => decryptHex(seed, key, encryptHex(seed, key, text)) === text.toWellFormed() || !text.isWellFormed()))
  fc.assert(fc.property(fc.string(), text => { decryptHex('seed', 'key', text) })) // any text: no throw
  t.equal(decryptHex('s', 'k', 'abc'), undefined, 'odd length')
  t.equal(decryptHex('s', 'k', 'zz'), undefined, 'no hex')
})

t.test('digests of logins', async t => {
  for (const { login, info, challenge, password, digest } of data<{ vectors: { login: Record<string, string>, info?: string, challenge: string, password: string, digest: string }[] }>('login-vectors.json').vectors) {
    const text = loginDigestText({ app: '', domain: '', sip: '', guid: '', dn: '', ...login, info, challenge, password })
    t.equal(sha256(text), digest)
    if (info !== undefined) t.equal(compactMember(JSON.stringify({ mt: 'AppLogin', info: JSON.parse(info) as unknown, digest }, null, 2), 'info'), info, 'the info object, from spaced out text')
  }
  t.equal(sha256(sessionKeyText('0123456789abcdef', 'pwd')), 'd58c77eae0c1c1f37a9f545e207643c926ad9ea4932016a83a4a01029de37760')
})

t.test('recorded frames', async t => {
  interface Recorded { name: string, hex: string, admin?: { type: number, body: object }, tunnel?: { session: number, event: number, text?: string, recv?: number } }
  for (const { name, hex, admin, tunnel } of data<{ frames: Recorded[] }>('sysclient-frames.json').frames) {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    const frame = decodeFrame(bytes)
    if (admin) {
      t.match(frame, { kind: 'admin', type: admin.type }, name)
      t.same(frame.kind === 'admin' && JSON.parse(Buffer.from(frame.json).toString()), admin.body, name)
      t.same(Buffer.from(encodeAdmin(admin.type as AdminType, admin.body)), bytes, `${name}, encoded`)
    }
    if (tunnel) {
      t.match(frame, { kind: 'tunnel', session: tunnel.session, event: tunnel.event }, name)
      if (tunnel.recv !== undefined) t.same(Buffer.from(encodeRecv(tunnel.session, tunnel.recv)), bytes, `${name}, encoded`)
      else {
        t.equal(frame.kind === 'tunnel' && Buffer.from(frame.data).toString(), tunnel.text, name)
        t.same(Buffer.from(encodeTunnel(tunnel.session, tunnel.event as TunnelEvent, Buffer.from(tunnel.text ?? ''))), bytes, `${name}, encoded`)
      }
    }
  }
})

t.test('any bytes are decoded or refused, never thrown at', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
    const frame = decodeFrame(bytes)
    return frame.kind === 'bad' || (frame.kind === 'tunnel' ? frame.data.length === bytes.length - 9 : frame.json.length === bytes.length - 3)
  }), { numRuns: 2000 })
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 4 }), fc.uint8Array(), (session, event, payload) => {
    const frame = decodeFrame(encodeTunnel(session, event as TunnelEvent, payload))
    return frame.kind === 'tunnel' && frame.session === session && frame.event === event && Buffer.compare(frame.data, payload) === 0
  }))
  fc.assert(fc.property(fc.uint8Array(), bytes => { parseAdmin(bytes, identify) }))
  fc.assert(fc.property(fc.json(), text => { parseAdmin(Buffer.from(text), identify) }))
  t.pass('no throw')
})

t.test('identify is read tolerantly and strictly where it counts', async t => {
  const parse = (value: unknown, tail = ''): ReturnType<typeof parseAdmin<unknown>> => parseAdmin(Buffer.from((typeof value === 'string' ? value : JSON.stringify(value)) + tail), identify)
  const good = { id: '009033460af2', product: 'IP222', version: '13r2 dvl [13.4250/131286/1300]', platform: { type: 'PHONE' } }
  t.ok(parse(good).ok)
  t.ok(parse(good, '\0').ok, 'trailing zero')
  t.match(parse('{"id":"1","product":"p","version":"13r2 [13.4250\\/131286\\/1300]","platform":{"type":"GW"}}'), { ok: true, value: { version: '13r2 [13.4250/131286/1300]' } }, 'escaped slashes')
  t.match(parse({ ...good, future: { x: 1 }, mini: 'yes', name: 7 }), { ok: true, value: { id: '009033460af2', mini: undefined, name: undefined } }, 'unknown and odd fields')
  t.match(parse({ ...good, ethIfs: [{ if: 'ETH0', ipv4: '10.0.0.1' }, 'x', { if: 3 }] }), { ok: true, value: { ethIfs: [{ if: 'ETH0', ipv4: '10.0.0.1' }] } }, 'odd interfaces are left out')
  for (const missing of ['id', 'product', 'version', 'platform']) t.notOk(parse({ ...good, [missing]: undefined }).ok, `without ${missing}`)
  t.notOk(parse({ ...good, platform: { type: 'TOASTER' } }).ok)
  t.notOk(parse({ ...good, id: 'x'.repeat(1_000_000) }).ok, 'a million characters')
  t.match(parseAdmin(Buffer.from([0xff, 0xfe]), identify), { ok: false, why: 'not UTF-8' })
  t.match(parseAdmin(Buffer.from('{'), identify), { ok: false, why: 'not JSON' })
})

t.test('the info text keeps the received order and numbers', async t => {
  t.equal(compactMember('{ "mt": "AppLogin", "info" : { "b" : 1.0, "2": "a\\/b", "1" : [ true , null, "\\u00e4" ] } , "x": "info" }', 'info'), '{"b":1.0,"2":"a/b","1":[true,null,"ä"]}')
  t.equal(compactMember('{"a":{"info":1}}', 'info'), undefined, 'only at the top')
  t.equal(compactMember('{"info":"x","info":"y"}', 'info'), '"y"', 'the last one counts')
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
    const text = JSON.stringify({ mt: 'x', info: value, z: [1] }, null, 3)
    return compactMember(text, 'info') === JSON.stringify(value)
  }))
})
