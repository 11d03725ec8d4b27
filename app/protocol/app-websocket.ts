/** AppWebsocket: login and the messages every App Service knows (wire-protocols chapter 5). */
import { z } from 'zod'
import { text } from './types.ts'
import { request } from './message.ts'

const empty = z.object({})
const short = text(1024).optional()

export const CheckBuild = request('CheckBuild', {
  needs: 'nothing', params: z.object({ url: text(8192) }), reply: z.object({ url: z.string().optional() }), source: 'wire-protocols 5.8',
  doc: 'Is the page of the current build? `url` in the answer is the page to load instead; absent when it is current.',
})
export const AppChallenge = request('AppChallenge', {
  needs: 'nothing', params: z.looseObject({}), reply: z.object({ challenge: z.string() }), source: 'wire-protocols 5.2',
  doc: 'Starts a login. The challenge has 16 digits.',
})
export const AppLogin = request('AppLogin', {
  needs: 'nothing', source: 'wire-protocols 5.2, 5.4',
  params: z.looseObject({ app: short, domain: short, sip: short, guid: short, dn: short, info: z.unknown().optional(), digest: text(128), pbxObj: short }),
  reply: z.object({ ok: z.literal(true).optional(), domain: z.string().optional(), app: z.string().optional() }),
  doc: 'Proves the password: lower-case hex SHA-256 of `app:domain:sip:guid:dn[:info]:challenge:password`. `ok` is present on success only; `domain` is the domain of the instance.',
})
export const AppCheckLogin = request('AppCheckLogin', {
  needs: 'proof', source: 'wire-protocols 5.8',
  params: z.looseObject({ app: short, domain: short, sip: short, guid: short, dn: short, info: z.unknown().optional(), challenge: text(256), digest: text(128) }),
  reply: z.object({ ok: z.literal(true).optional() }),
  doc: 'Is the password of an App object right? The digest is made as for AppLogin, with the challenge of the asker; what is missing counts as empty.',
})
export const AppInfo = request('AppInfo', {
  needs: 'proof', source: 'wire-protocols 5.8', params: z.looseObject({ app: short }),
  reply: z.object({ app: z.string().optional(), info: z.record(z.string(), z.unknown()), serviceInfo: z.record(z.string(), z.unknown()) }),
  doc: 'What an app offers, asked by the PBX for every app name.',
})
export const KeepAlive = request('KeepAlive', { needs: 'nothing', params: empty, reply: empty, source: 'wire-protocols 5.3', doc: 'No answer.' })
export const PbxInfo = request('PbxInfo', {
  needs: 'proof', source: 'wire-protocols 5.8', reply: empty, doc: 'From the PBX after the login of the App object. No answer.',
  params: z.looseObject({ domain: short, pbx: short, pbxDns: short, apis: z.array(text(128)).max(64).optional(), version: short, build: short }),
})
export const AppResumeToken = request('AppResumeToken', {
  needs: 'login', params: empty, reply: z.object({ token: z.string() }), source: 'ours', secret: ['token'],
  doc: 'A token with which a reloaded page of the same browser tab can continue this sign-in (AppResume) without the password.',
})
export const AppResume = request('AppResume', {
  needs: 'nothing', params: z.object({ token: text(128) }), source: 'ours', secret: ['token'],
  reply: z.object({ ok: z.literal(true).optional(), domain: z.string().optional() }),
  doc: 'Continues a sign-in instead of AppChallenge and AppLogin. The AppWebsocket session key stays the one of the original login.',
})
export const AppSignOut = request('AppSignOut', {
  needs: 'proof', params: z.object({ token: text(128).optional() }), reply: empty, source: 'ours', secret: ['token'],
  doc: 'Forgets the resume token and the passthrough keys of this connection.',
})

/** The string whose SHA-256 is the login digest (wire-protocols 5.4). `info` is the compact JSON text, absent when the login had none. */
export const loginDigestText = (p: { app: string, domain: string, sip: string, guid: string, dn: string, info?: string | undefined, challenge: string, password: string }): string =>
  [p.app, p.domain, p.sip, p.guid, p.dn, ...(p.info === undefined ? [] : [p.info]), p.challenge, p.password].join(':')

/** The string whose SHA-256 is the session key (wire-protocols 5.6). */
export const sessionKeyText = (challenge: string, password: string): string => `innovaphoneAppSessionKey:${challenge}:${password}`

export const APP_REQUESTS = { CheckBuild, AppChallenge, AppLogin, AppCheckLogin, AppInfo, KeepAlive, PbxInfo, AppResumeToken, AppResume, AppSignOut } as const
