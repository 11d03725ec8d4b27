/** The configuration of a device: one line per module or sub-instance, as cfg.txt shows it (device-commands 1.1, 1.3). */
import { LIMITS } from '../../limits.ts'
import type { Argument, ConfigCommand } from './commands.ts'

/** `replace`: `config change` sets the whole line; `merge`: it keeps options not named. The sources contradict each other (device-commands 1.3). */
export type ChangeMeaning = 'replace' | 'merge'

type Lines = Map<string, Map<string, string | undefined>>

const copy = (lines: Lines): Lines => new Map([...lines].map(([name, options]) => [name, new Map(options)]))

export class Configuration {
  readonly #change: ChangeMeaning
  /** What cfg.txt shows and commands change. */
  #working: Lines
  /** What survives a restart. */
  #stored: Lines
  /** What is in effect. */
  #active: Lines

  constructor(initial: readonly string[], change: ChangeMeaning) {
    this.#change = change
    this.#working = new Map()
    for (const line of initial) {
      const [names = '', ...options] = line.split(' /')
      this.#working.set(names, new Map(options.map(option => {
        const blank = option.indexOf(' ')
        return blank < 0 ? [option, undefined] : [option.slice(0, blank), option.slice(blank + 1)]
      })))
    }
    this.#stored = copy(this.#working)
    this.#active = copy(this.#working)
  }

  /** Carries out `add`, `rem` or `change`. False when `LIMITS.simulatedOptions` is reached. */
  edit(verb: 'add' | 'rem' | 'change', line: string, options: readonly Argument[]): boolean {
    const before = this.#working.get(line)
    if (verb === 'rem') {
      for (const [name] of options) before?.delete(name)
      if (before && (before.size === 0 || options.length === 0)) this.#working.delete(line)
      return true
    }
    const after = new Map(verb === 'change' && this.#change === 'replace' ? [] : before)
    for (const [name, value] of options) after.set(name, value)
    let size = after.size
    for (const [name, kept] of this.#working) if (name !== line) size += kept.size
    if (size > LIMITS.simulatedOptions.value) return false
    this.#working.set(line, after)
    return true
  }

  write(): void { this.#stored = copy(this.#working) }
  activate(): void { this.#active = copy(this.#working) }
  /** What was not written is lost with a restart. */
  restart(): void {
    this.#working = copy(this.#stored)
    this.#active = copy(this.#stored)
  }

  run(command: ConfigCommand): boolean {
    if (command.verb === 'write') this.write()
    else if (command.verb === 'activate') this.activate()
    else return this.edit(command.verb, command.line, command.options)
    return true
  }

  /** Options of a line with their values as cfg.txt spells them. */
  line(name: string): ReadonlyMap<string, string | undefined> { return this.#working.get(name) ?? new Map() }
  has(line: string, option: string): boolean { return this.#working.get(line)?.has(option) ?? false }
  /** The value in effect, URL-encoded; undefined when not set. */
  active(line: string, option: string): string | undefined { return this.#active.get(line)?.get(option) }

  /** The `config change` lines of cfg.txt, sorted by module. */
  text(): string[] {
    return [...this.#working].filter(([, options]) => options.size > 0).sort(([a], [b]) => a < b ? -1 : 1).map(([name, options]) =>
      `config change ${name}${[...options].map(([option, value]) => value === undefined ? ` /${option}` : ` /${option} ${value}`).join('')}`)
  }
}
