/** The compressed executable: the launcher, the executable as one zstd frame, and a trailer by which the launcher finds it. */
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const MARK = 'DEVICES1'
const TRAILER = 16

/** zstd's last level that needs no more memory for unpacking than 8 MiB; the ones above gain 2 % and unpack slower. */
export const BEST_LEVEL = 19

/** Without workers of zstd's own: with them Node's function ends before they do. */
export async function compressed(launcher: Buffer, executable: Buffer, level: number): Promise<Buffer> {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = zlib.constants
  const frame = await promisify(zlib.zstdCompress)(executable, {
    params: { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1, [ZSTD_c_contentSizeFlag]: 1 }, pledgedSrcSize: executable.length,
  })
  const trailer = Buffer.alloc(TRAILER)
  trailer.writeBigUInt64LE(BigInt(frame.length))
  trailer.write(MARK, 8)
  return Buffer.concat([launcher, frame, trailer])
}

/** The executable inside a compressed one; `undefined` when the file is none. */
export function unpacked(file: Buffer): Buffer | undefined {
  const end = file.length - TRAILER
  if (end < 0 || file.toString('latin1', end + 8) !== MARK) return undefined
  const start = end - Number(file.readBigUInt64LE(end))
  return start > 0 ? zlib.zstdDecompressSync(file.subarray(start, end)) : undefined
}
