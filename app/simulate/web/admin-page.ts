/** The device's own administration pages (wire-protocols 2.13: the "Admin UI" tab opens /admin.xml). */
import { ADMIN_CSS, ADMIN_JS, adminHtml, devicePng } from './admin-assets.ts'
import type { Box } from './box.ts'
import { formFields } from './commands.ts'
import { collect } from './web-types.ts'
import type { BodySink, WebAnswer, WebHeaders, WebRequest } from './web-types.ts'

const HTML: WebHeaders = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' }
const COOKIE = 'devicelogin'

const cookie = (request: WebRequest, name: string): string | undefined => {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=')
    if (key === name) return value
  }
  return undefined
}

const MESSAGES: Readonly<Record<string, string>> = { saved: 'Saved', 'logged-in': 'Logged in', 'logged-out': 'Logged out' }

/** Answers pages, their files and their forms; undefined for other paths. */
export function adminPage(request: WebRequest, answer: WebAnswer, box: Box): { readonly sink: BodySink | undefined } | undefined {
  const done = { sink: undefined }
  const page = (): typeof done => {
    answer.send(200, HTML, adminHtml(box, MESSAGES[new Map(formFields(request.query)).get('note') ?? ''] ?? ''))
    return done
  }
  switch (request.path) {
    // Gateways redirect their entry page with an absolute path, phones answer it: both kinds must work through a prefix.
    case '/': {
      if (box.host.kind !== 'gateway') return page()
      answer.send(302, { 'Location': '/admin.xml' })
      return done
    }
    case '/admin.xml': return page()
    case '/admin.css': answer.send(200, { 'Content-Type': 'text/css', 'Cache-Control': 'max-age=60' }, ADMIN_CSS); return done
    case '/admin.js': answer.send(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'max-age=60' }, ADMIN_JS); return done
    case '/device.png': answer.send(200, { 'Content-Type': 'image/png', 'ETag': '"1"' }, devicePng()); return done
    case '/status.json':
      answer.send(200, { 'Content-Type': 'application/json' }, JSON.stringify({
        id: box.host.identity.id, uptime: Math.floor((box.host.now() - box.bootedAt) / 1000), calls: box.calls.length,
      }))
      return done
    case '/settings': return form(request, answer, fields => {
      const name = fields.get('name')
      if (name === undefined || name.length > 64) return answer.send(400, HTML, '<!doctype html><p>Bad name</p>')
      box.setNow('CMD0', 'name', name)
      if (box.administrationLog) box.log('CMD admin@127.0.0.1 mod cmd CMD0 form /name …')
      answer.send(303, { 'Location': 'admin.xml?note=saved' })
    })
    case '/login': return form(request, answer, fields => {
      if (fields.get('user') !== 'admin') return answer.send(401, HTML, '<!doctype html><p>Wrong user or password</p>')
      answer.send(303, { 'Location': '/private', 'Set-Cookie': [`${COOKIE}=${box.newLogin()}; Path=/; HttpOnly; SameSite=Lax`, 'devicelang=en; Path=/private; Max-Age=86400'] })
    })
    case '/logout': {
      box.endLogin(cookie(request, COOKIE) ?? '')
      answer.send(303, { 'Location': 'admin.xml?note=logged-out', 'Set-Cookie': `${COOKIE}=; Path=/; Max-Age=0` })
      return done
    }
    case '/private': {
      const known = box.knowsLogin(cookie(request, COOKIE) ?? '')
      answer.send(known ? 200 : 403, HTML, known
        ? `<!doctype html><title>Private</title><p id="private">Private page, language ${cookie(request, 'devicelang') === 'en' ? 'en' : 'unknown'}</p><p><a href="logout">Logout</a></p>`
        : '<!doctype html><title>Private</title><p id="private">Log in first</p><p><a href="admin.xml">Back</a></p>')
      return done
    }
    default: return undefined
  }
}

function form(request: WebRequest, answer: WebAnswer, act: (fields: Map<string, string>) => void): { readonly sink: BodySink | undefined } {
  if (request.method !== 'POST') {
    answer.send(405, { 'Allow': 'POST' })
    return { sink: undefined }
  }
  return { sink: collect(answer, body => act(new Map(formFields(body.toString('utf8'))))) }
}
