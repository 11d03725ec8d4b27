/** The few answers of an App Platform's manager that work over HTTP (wire-protocols 7.5). */
import type { Box } from './box.ts'
import { formFields } from './commands.ts'
import type { BodySink, WebAnswer, WebRequest } from './web-types.ts'
import { echoWebsocket } from './websocket-echo.ts'

export function managerAnswer(request: WebRequest, answer: WebAnswer, box: Box): BodySink | undefined {
  const query = new Map(formFields(request.query))
  switch (request.path) {
    case '/manager':
    case '/manager/': answer.send(302, { 'Location': '/manager/manager.htm' }); break
    case '/manager/manager.htm':
      answer.send(200, { 'Content-Type': 'text/html; charset=utf-8' },
        `<!doctype html><title>Manager</title><h1>App Platform Manager</h1><p>${box.host.identity.id} ${box.host.identity.fwBuild ?? ''}</p>`)
      break
    case '/manager/websocket': echoWebsocket(request, answer); break
    case '/manager/backup':
      if (!query.get('key')) answer.send(403, { 'Content-Type': 'text/plain' }, 'key missing\r\n')
      else answer.send(200, { 'Content-Type': 'application/octet-stream' }, `-- backup of ${query.get('appName') ?? 'manager'}\n`)
      break
    default: answer.send(404, { 'Content-Type': 'text/plain' }, 'not found\r\n')
  }
  return undefined
}
