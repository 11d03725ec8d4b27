/** Log lines for the operator: time, level, room, text. Bounded in length; control characters cannot forge lines. */
export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Log = (level: Level, text: string) => void

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 }
const LONGEST = 2000

/** What came from outside and goes into a line: quoted, cut, without control characters. */
export const shown = (text: string, longest = 80): string => JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text)

export function createLog(options: { write: (line: string) => void, now: () => number, least: Level }): (room: string) => Log {
  return room => (level, text) => {
    if (ORDER[level] < ORDER[options.least]) return
    // Control characters become blanks, so that nobody outside can forge a line.
    const clean = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, LONGEST)
    options.write(`${new Date(options.now()).toISOString()} ${level.padEnd(5)} ${room}: ${clean}\n`)
  }
}
