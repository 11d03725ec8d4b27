/** Name and content of each native addon; throws where one is not the pinned one. */
export function pinnedNatives(arch: 'x64' | 'arm64'): [name: string, data: Buffer][]
