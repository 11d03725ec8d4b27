/** What an ELF file says about itself: its machine, and the versions of other libraries' symbols without which the loader refuses it. */

const MACHINES: Readonly<Record<number, 'x64' | 'arm64'>> = { 0x3e: 'x64', 0xb7: 'arm64' }
const DYNAMIC_SECTION = 6
const VERSIONS_NEEDED = 0x6ffffffe
/** The loader only mentions a missing version that is marked so. */
const WEAK = 2

export type Machine = 'x64' | 'arm64'

/** The machine of a 64-bit little-endian ELF file; `undefined` for anything else. */
export function machineOf(file: Buffer): Machine | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return undefined
  return MACHINES[file.readUInt16LE(18)]
}

interface Section { readonly type: number, readonly offset: number, readonly link: number, readonly count: number }

function sectionsOf(file: Buffer): Section[] {
  const table = Number(file.readBigUInt64LE(0x28))
  const size = file.readUInt16LE(0x3a)
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, n) => {
    const at = table + n * size
    return { type: file.readUInt32LE(at + 4), offset: Number(file.readBigUInt64LE(at + 24)), link: file.readUInt32LE(at + 40), count: file.readUInt32LE(at + 44) }
  })
}

/** Whether the file wants a loader and libraries at all. */
export const isStatic = (file: Buffer): boolean => !sectionsOf(file).some(({ type }) => type === DYNAMIC_SECTION)

/** All versions needed, such as `GLIBC_2.28`, without weak ones. */
export function versionsNeeded(file: Buffer): string[] {
  const sections = sectionsOf(file)
  const needed = sections.find(({ type }) => type === VERSIONS_NEEDED)
  const names = needed && sections[needed.link]
  if (!names) return []
  const text = (offset: number): string => file.toString('latin1', names.offset + offset, file.indexOf(0, names.offset + offset))
  const found: string[] = []
  for (let library = needed.offset, left = needed.count; left > 0; left--, library += file.readUInt32LE(library + 12)) {
    for (let one = library + file.readUInt32LE(library + 8), of = file.readUInt16LE(library + 2); of > 0; of--, one += file.readUInt32LE(one + 12)) {
      if ((file.readUInt16LE(one + 4) & WEAK) === 0) found.push(text(file.readUInt32LE(one + 8)))
    }
  }
  return found
}

const parts = (version: string): number[] => version.split('.').map(Number)
function later(a: string, b: string): boolean {
  const [left, right] = [parts(a), parts(b)]
  for (let n = 0; n < Math.max(left.length, right.length); n++) if (left[n] !== right[n]) return (left[n] ?? 0) > (right[n] ?? 0)
  return false
}

/** The latest version of each kind: `{ GLIBC: '2.28', GLIBCXX: '3.4.21' }`. */
export function latestNeeded(file: Buffer): Record<string, string> {
  const latest: Record<string, string> = {}
  for (const [, kind, version] of versionsNeeded(file).map(name => /^([A-Z]+)_([\d.]+)$/.exec(name) ?? [])) {
    if (kind === undefined || version === undefined) continue
    const known = latest[kind]
    if (known === undefined || later(version, known)) latest[kind] = version
  }
  return latest
}
