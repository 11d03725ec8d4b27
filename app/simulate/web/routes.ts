/** Which request of a device's web server gets which answer. */
import { collect } from './web-types.ts'
import type { BodySink, WebAnswer, WebHandler, WebRequest } from './web-types.ts'
import type { Box } from './box.ts'
import { commandOfUrl, decoded, formFields, parseCommand } from './commands.ts'
import { adminPage } from './admin-page.ts'
import { configurationText, dumpName } from './dumps.ts'
import { execute, runScript } from './execute.ts'
import { boxInfo } from './gauges.ts'
import { hostilePage } from './hostile-page.ts'
import type { HostileTarget } from './hostile-page.ts'
import { managerAnswer } from './manager.ts'
import { outcomeBody } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { testBody } from './test-bodies.ts'
import { echoWebsocket } from './websocket-echo.ts'

/** What a hostile page reports: an attempt and whether it succeeded. */
export interface HostileReport { readonly attempt: string, readonly succeeded: boolean, readonly detail: string }

export interface WebOptions {
  readonly box: () => Box
  readonly later: (ms: number, callback: () => void) => void
  /** Set: the device serves hostile pages, aimed at this. */
  readonly hostile: () => HostileTarget | undefined
  readonly report: (report: HostileReport) => void
  /** Called once per request when it arrives. */
  readonly seen: (request: WebRequest, answer: WebAnswer) => void
}

const XML = { 'Content-Type': 'text/xml' } as const
const TEXT = { 'Content-Type': 'text/plain' } as const
const isForm = (request: WebRequest): boolean => request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false

/** The web server of one device. */
export function deviceWeb(options: WebOptions): WebHandler {
  const { box } = options
  const reply = (answer: WebAnswer, outcome: Promise<Outcome>): void => {
    void outcome.then(known => {
      const { type, body } = outcomeBody(known)
      answer.send(200, { 'Content-Type': type }, body)
    }, () => answer.send(500, TEXT, 'internal error\r\n'))
  }

  return (request, answer) => {
    options.seen(request, answer)
    const target = options.hostile()
    if (target) {
      const sink = hostilePage(request, answer, target, options.report)
      if (sink) return sink.sink
    }
    const test = testBody(request, answer, options.later)
    if (test) return test.sink
    return product(request, answer)
  }

  function product(request: WebRequest, answer: WebAnswer): BodySink | undefined {
    const { path } = request
    if (path === '/ws') {
      echoWebsocket(request, answer)
      return undefined
    }
    if (path.startsWith('/!')) {
      // A question mark inside a command belongs to the command.
      reply(answer, execute(box(), parseCommand(decoded(request.target.slice(2)))))
      return undefined
    }
    if (path === '/cfg.txt' || path === '/cfg-standard.txt') return configurationFile(request, answer, path === '/cfg-standard.txt')
    if (path === '/log.txt') {
      answer.send(200, TEXT, box().logText)
      return undefined
    }
    if (path === '/CMD0/box_info.xml') {
      answer.send(200, XML, boxInfo(box()))
      return undefined
    }
    if (box().host.kind === 'app-platform' && path.startsWith('/manager')) return managerAnswer(request, answer, box())
    if (commandOfUrl(path, [])) return moduleRequest(request, answer)
    const page = adminPage(request, answer, box())
    if (page) return page.sink
    answer.send(404, TEXT, 'not found\r\n')
    return undefined
  }

  function moduleRequest(request: WebRequest, answer: WebAnswer): BodySink | undefined {
    const run = (fields: [string, string][]): void => {
      const command = commandOfUrl(request.path, fields)
      if (command) reply(answer, execute(box(), command, command.verb === 'form' || command.args.some(([name]) => name === 'save' || name === 'op')))
    }
    const query = formFields(request.query)
    if (request.method !== 'POST' || !isForm(request)) {
      run(query)
      return undefined
    }
    return collect(answer, body => run([...query, ...formFields(body.toString('utf8'))]))
  }

  /** Read with GET; a PUT or POST of the whole file executes it line by line, as Maintenance/Upload/Config does (device-commands 1.1). */
  function configurationFile(request: WebRequest, answer: WebAnswer, standard: boolean): BodySink | undefined {
    if (request.method === 'POST' || request.method === 'PUT') return collect(answer, body => reply(answer, runScript(box(), body.toString('utf8'))))
    const wish = new Map(formFields(request.query)).get('cd')
    const name = (wish ?? dumpName(box(), standard)).replace(/[^\w.-]/g, '_')
    answer.send(200, { ...TEXT, ...(wish === undefined ? {} : { 'Content-Disposition': `attachment; filename="${name}"` }) }, configurationText(box(), standard))
    return undefined
  }
}
