/**
 * A block with what proves it final, in the two forms in which Substrate's `export-blocks` writes it: SCALE (`SignedBlock`: header, extrinsics,
 * optional justifications), or JSON as `chain_getBlock` has it, with justifications as lists of bytes.
 */
import { z } from 'zod'
import { fromHex, toHex, utf8, type Hash, type Hex } from '../../base/bytes.ts'
import { readExtrinsic, type Block, type Justification } from '../../chain/scale/block.ts'
import { encodeDigestItem, engineBytes, readDigestItem, readEngine, readHeader, writeHeader } from '../../chain/scale/header.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'

export interface SignedBlock extends Block {
  /** Undefined where nothing proves it. */
  readonly justifications: readonly Justification[] | undefined
}

export function writeSignedBlock(writer: ScaleWriter, { header, body, justifications }: SignedBlock): ScaleWriter {
  return writeHeader(writer, header)
    .vec(body, (w, extrinsic) => w.raw(extrinsic))
    .option(justifications, (w, list) => w.vec(list, (each, { engine, data }) => each.raw(engineBytes(engine)).bytes(data)))
}

/** Throws a ScaleError. */
export function readSignedBlock(reader: ScaleReader): SignedBlock {
  return { header: readHeader(reader), body: reader.vec(readExtrinsic), justifications: reader.option((r) => r.vec((each) => ({ engine: readEngine(each), data: each.bytes() }), 5)) }
}

export function blockToJson({ header, body, justifications }: SignedBlock): unknown {
  const { parentHash, number, stateRoot, extrinsicsRoot, digest } = header
  return {
    block: {
      header: { parentHash, number: `0x${number.toString(16)}`, stateRoot, extrinsicsRoot, digest: { logs: digest.map((item) => toHex(encodeDigestItem(item))) } },
      extrinsics: body.map((extrinsic) => toHex(extrinsic)),
    },
    justifications: justifications?.map(({ engine, data }) => [[...engineBytes(engine)], [...data]]) ?? null,
  }
}

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/i).transform((text) => fromHex(text.toLowerCase() as Hex))
const hash = z.string().regex(/^0x[0-9a-f]{64}$/i).transform((text) => text.toLowerCase() as Hash)
const bytes = z.array(z.int().min(0).max(255)).transform((list) => Uint8Array.from(list))

const blockSchema = z.object({
  block: z.object({
    header: z.object({
      parentHash: hash,
      number: z.string().regex(/^0x[0-9a-f]{1,8}$/i).transform((text) => Number(text)),
      stateRoot: hash,
      extrinsicsRoot: hash,
      digest: z.object({ logs: z.array(hex).max(64) }),
    }),
    extrinsics: z.array(hex),
  }),
  justifications: z.array(z.tuple([bytes.refine((engine) => engine.length === 4), bytes])).nullish(),
})

/** Throws a ZodError or a ScaleError. */
export function blockFromJson(text: string): SignedBlock {
  const { block, justifications } = blockSchema.parse(JSON.parse(text))
  const { digest, ...header } = block.header
  return {
    header: { ...header, digest: digest.logs.map((item) => readDigestItem(new ScaleReader(item))) },
    body: block.extrinsics.map((extrinsic) => readExtrinsic(new ScaleReader(extrinsic))),
    justifications: justifications?.map(([engine, data]) => ({ engine: readEngine(new ScaleReader(engine)), data })),
  }
}

/** What stands before the first block: how many follow, as a little-endian u64. */
export function countOf(blocks: number): Uint8Array {
  return new ScaleWriter(8).u64(blocks).finish()
}

export function encodeSignedBlock(block: SignedBlock): Uint8Array {
  return writeSignedBlock(new ScaleWriter(4096), block).finish()
}

/** A line for a block: whoever reads a stream of JSON values does not mind the breaks. */
export function jsonLine(block: SignedBlock): Uint8Array {
  return utf8(`${JSON.stringify(blockToJson(block))}\n`)
}
