/**
 * The oldest C and C++ libraries that each part loads with. docs/packaging.md says the same; test/packaging/glibc-floor.test.ts
 * holds both against the files.
 */

export type Part = 'executable' | 'better_sqlite3' | 'uws'

export const FLOOR: Readonly<Record<Part, Readonly<Record<string, string>>>> = {
  executable: { GLIBC: '2.28', GLIBCXX: '3.4.21', CXXABI: '1.3.11' },
  better_sqlite3: { GLIBC: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.9' },
  uws: { GLIBC: '2.36' },
}

const KINDS = ['GLIBC', 'GLIBCXX', 'CXXABI']

/** Where `needed` (`latestNeeded` of manifest/packaging/elf.ts) is another than the floor of the part, in either direction. */
export function floorProblems(part: Part, needed: Readonly<Record<string, string>>): string[] {
  const floor = FLOOR[part]
  return KINDS.filter(kind => floor[kind] !== needed[kind]).map(kind => `${kind} ${needed[kind] ?? 'none'} instead of ${floor[kind] ?? 'none'}`)
}
