/**
 * Pages of a device somebody else controls: they try to reach the app around them, its login, its keys and other devices, and
 * report each attempt to /report. For tests of the walls around device pages (wire-protocols 4.1: the key in the URL is the credential).
 */
import { z } from 'zod'
import type { HostileReport } from './routes.ts'
import { hostileScript } from './hostile-script.ts'
import { collect } from './web-types.ts'
import type { BodySink, WebAnswer, WebRequest } from './web-types.ts'

/** What the pages aim at. */
export interface HostileTarget {
  /** Hardware id of another device, tried with the key of this one. */
  readonly otherDevice: string
  /** Navigate the whole window away at the end. */
  readonly takeTop?: boolean
}

const reports = z.array(z.object({ attempt: z.string().max(100), succeeded: z.boolean(), detail: z.string().max(500) })).max(50)

/** Header fields that would harm the app if they reached the browser under its origin. */
const HOSTILE_HEADERS = {
  'Set-Cookie': ['hostile=1; Path=/', 'session=stolen; Path=/; HttpOnly', '__Host-app=evil; Path=/; Secure'],
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Public-Key-Pins': 'max-age=1; pin-sha256="x"',
  'Service-Worker-Allowed': '/',
  'Content-Security-Policy': 'default-src * \'unsafe-inline\' \'unsafe-eval\'',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Credentials': 'true',
  'Refresh': '600; url=/',
  'Link': '</>; rel=preload; as=fetch',
} as const

const done = { sink: undefined }

/** Answers the hostile pages; undefined for paths that the ordinary server answers. */
export function hostilePage(request: WebRequest, answer: WebAnswer, target: HostileTarget, report: (report: HostileReport) => void): { readonly sink: BodySink | undefined } | undefined {
  switch (request.path) {
    case '/':
    case '/admin.xml':
      answer.send(200, { ...HOSTILE_HEADERS, 'Content-Type': 'text/html; charset=utf-8' },
        '<!doctype html><html><head><meta charset="utf-8"><title>Hostile</title></head><body><p id="state">trying</p><script src="hostile.js"></script></body></html>')
      return done
    case '/hostile.js':
      answer.send(200, { 'Content-Type': 'text/javascript' }, hostileScript(target))
      return done
    case '/worker.js':
      answer.send(200, { ...HOSTILE_HEADERS, 'Content-Type': 'text/javascript' }, 'self.addEventListener("fetch", event => event.respondWith(new Response("hijacked")))')
      return done
    case '/ask':
      answer.send(401, { 'WWW-Authenticate': 'Basic realm="Sign in again"', 'Content-Type': 'text/plain' }, 'password please\r\n')
      return done
    case '/wipe':
      answer.send(200, { 'Clear-Site-Data': '"*"', 'Content-Type': 'text/plain' }, 'wiped\r\n')
      return done
    case '/away':
      answer.send(302, { 'Location': '//attacker.invalid/', 'Set-Cookie': 'away=1; Path=/' })
      return done
    case '/report':
      return { sink: collect(answer, body => {
        const read = reports.safeParse(parsed(body.toString('utf8')))
        for (const one of read.data ?? []) report(one)
        answer.send(read.success ? 204 : 400, { 'Access-Control-Allow-Origin': '*' })
      }) }
    default: return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
