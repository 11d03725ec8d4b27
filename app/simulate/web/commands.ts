/** The command language and its two spellings in URLs (device-commands 1.2, 1.3; features 9.2). */

/** An option or argument; no value means a flag or an empty form field. */
export type Argument = readonly [name: string, value: string | undefined]

export interface ModuleCommand {
  readonly kind: 'module'
  readonly module: string
  /** Empty when the module itself is meant. */
  readonly sub: string
  /** Empty asks for the module's state. */
  readonly verb: string
  /** Arguments with a name, values decoded. */
  readonly args: readonly Argument[]
  /** Words without a name: `UP0 prot <url> <final> <serial>`. */
  readonly words: readonly string[]
  /** Everything behind the verb as it stood; for records of flash directories, whose values hold blanks. */
  readonly rest: string
  /** The answer waits for the end of the operation (features 6.4). */
  readonly sync: boolean
}
export interface ConfigCommand {
  readonly kind: 'config'
  readonly verb: 'add' | 'rem' | 'change' | 'write' | 'activate'
  /** `MODULE` or `MODULE SUB`; empty for write and activate. */
  readonly line: string
  /** Values still URL-encoded, as they stand in cfg.txt. */
  readonly options: readonly Argument[]
}
export interface VarsCommand { readonly kind: 'vars', readonly verb: 'create' | 'del' | 'read', readonly name: string, readonly flags: string, readonly value: string }
export type ResetKind = 'reset' | 'ireset' | 'resetn' | 'iresetn'
export type Command =
  | ModuleCommand | ConfigCommand | VarsCommand
  | { readonly kind: 'reset', readonly how: ResetKind }
  | { readonly kind: 'dump', readonly what: string }
  | { readonly kind: 'unknown' }

const CONFIG_VERBS = ['add', 'rem', 'change', 'write', 'activate'] as const
const isConfigVerb = (text: string): text is ConfigCommand['verb'] => CONFIG_VERBS.some(verb => verb === text)
const VARS_VERBS = ['create', 'del', 'read'] as const
const isVarsVerb = (text: string): text is VarsCommand['verb'] => VARS_VERBS.some(verb => verb === text)
export const isReset = (text: string): text is ResetKind => ['reset', 'ireset', 'resetn', 'iresetn'].includes(text)

/** Percent-decodes; text with a broken escape stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Option tokens: `/name` starts one, the words up to the next are its value. Leading words without a name are returned apart. */
function options(tokens: readonly string[]): { words: string[], args: [string, string | undefined][] } {
  const words: string[] = []
  const args: [string, string | undefined][] = []
  for (const token of tokens) {
    const last = args.at(-1)
    if (token.startsWith('/')) args.push([token.slice(1), undefined])
    else if (!last) words.push(token)
    else last[1] = last[1] === undefined ? token : `${last[1]} ${token}`
  }
  return { words, args }
}

/** One line as in a telnet session, a script or behind `/!`, already percent-decoded once when it came in a URL. */
export function parseCommand(text: string): Command {
  const line = text.trim()
  const tokens = line.split(/ +/)
  const first = (tokens[0] ?? '').toLowerCase()
  const second = tokens[1] ?? ''
  if (first === 'config') return parseConfig(second, tokens.slice(2))
  if (first === 'vars' && isVarsVerb(second)) {
    return { kind: 'vars', verb: second, name: tokens[2] ?? '', flags: second === 'create' ? tokens[3] ?? '' : '', value: tokens.slice(4).join(' ') }
  }
  if (first === 'mod' && second.toLowerCase() === 'cmd' && tokens[2]) return parseModule(tokens[2], tokens.slice(3), line)
  if (isReset(first) && tokens.length === 1) return { kind: 'reset', how: first }
  if (['buf', 'mod', 'mem'].includes(first)) return { kind: 'dump', what: line }
  return { kind: 'unknown' }
}

function parseConfig(verb: string, tokens: readonly string[]): Command {
  if (!isConfigVerb(verb)) return { kind: 'unknown' }
  if (verb === 'write' || verb === 'activate') return tokens.length === 0 ? { kind: 'config', verb, line: '', options: [] } : { kind: 'unknown' }
  const { words, args } = options(tokens)
  return words.length === 0 ? { kind: 'unknown' } : { kind: 'config', verb, line: words.join(' '), options: args }
}

function parseModule(name: string, tokens: readonly string[], line: string): Command {
  const sync = tokens[0] === '/sync'
  const body = sync ? tokens.slice(1) : tokens
  const verb = body[0] ?? ''
  const { words, args } = options(body.slice(1))
  const [module = '', ...sub] = name.split('/')
  const at = line.indexOf(verb, line.indexOf(name) + name.length)
  return {
    kind: 'module', module, sub: sub.join('/'), verb, words, sync, args: args.map(([key, value]) => [key, value === undefined ? undefined : decoded(value)]),
    rest: verb === '' ? '' : line.slice(at + verb.length).trim(),
  }
}

/** Fields of a query or form body; `+` is a blank, as browsers send it. */
export function formFields(text: string): [string, string][] {
  if (text === '') return []
  return text.split('&').map(pair => {
    const equals = pair.indexOf('=')
    const part = (raw: string): string => decoded(raw.replaceAll('+', ' '))
    return equals < 0 ? [part(pair), ''] : [part(pair.slice(0, equals)), part(pair.slice(equals + 1))]
  })
}

/** Arguments that only serve the browser (device-commands 1.2). */
const BROWSER_ONLY = new Set(['redirect', 'xsl', 'userid'])

/** `/<MODULE>[/<SUB>]/mod_cmd.xml?cmd=<verb>&…` as the same command in the other spelling; undefined for other paths. */
export function commandOfUrl(path: string, fields: readonly (readonly [string, string])[]): ModuleCommand | undefined {
  const match = /^\/([A-Z][A-Z0-9-]*)((?:\/[A-Za-z0-9-]+)*)\/mod_cmd(?:_login)?\.xml$/.exec(path)
  if (!match) return undefined
  const [, module = '', sub = ''] = match
  const verb = fields.find(([name]) => name === 'cmd')?.[1] ?? ''
  const args = fields.filter(([name]) => name !== 'cmd' && !BROWSER_ONLY.has(name)).map(([name, value]): Argument => [name, value === '' ? undefined : value])
  return { kind: 'module', module, sub: sub.slice(1), verb, args, words: [], rest: '', sync: false }
}

/** A value as the device's log and cfg.txt spell it. */
export const encoded = (value: string): string => encodeURIComponent(value).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16)}`)

/** The command as the Administration log prints it; passwords masked (device-commands 2.5, chapter 4.1). */
export function commandText(command: ModuleCommand): string {
  const name = command.sub === '' ? command.module : `${command.module}/${command.sub}`
  const args = command.args.map(([key, value]) =>
    value === undefined ? `/${key}` : `/${key} ${isSecretName(key) ? '********' : encoded(value)}`)
  return ['mod cmd', name, command.verb, ...command.words, ...args].filter(word => word !== '').join(' ')
}

/** Options whose values never appear in answers or logs. */
export const isSecretName = (name: string): boolean => /pwd|password|passwd|secret|(^|[-_])key$/i.test(name)
