import { describe, expect, it } from 'vitest'
import { FEED_TIME_LIMIT_MS, readFeed, type FeedDependencies } from '../../../../electron/updates/signed-feed.ts'
import type { Manifest } from '../../../../electron/updates/manifest.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { bytesOf, configOf, FEED, makeSigner, manifest, TARGET } from './release-fixture.ts'

const ours = makeSigner()
const next = makeSigner()
const foreign = makeSigner()
const NAME = 'stable-linux-x64.json'

type Files = Readonly<Record<string, Uint8Array | number | undefined>>

function serving(files: Files): FeedDependencies['fetch'] {
  return (url) => {
    const found = files[url.slice(FEED.href.length)]
    if (typeof found === 'number') return Promise.resolve(new Response('', { status: found }))
    return Promise.resolve(found === undefined ? new Response('', { status: 404 }) : new Response(found as BodyInit))
  }
}

function read(files: Files, seen?: string): Promise<Manifest> {
  return readFeed({ fetch: serving(files), clock: new FakeClock() }, { config: configOf(ours, next), target: TARGET, seen })
}

const good = bytesOf(manifest())
const signed = (bytes: Uint8Array, by = ours): Files => ({ [NAME]: bytes, [`${NAME}.sig`]: by.sign(bytes) })

describe('the signed feed', () => {
  it('is read where one of the keys signed it', async () => {
    expect(await read(signed(good))).toEqual(manifest())
    expect(await read(signed(good, next))).toEqual(manifest())
  })

  it.each([
    ['unsigned', { [NAME]: good }, 'UPDATE_NOT_SIGNED'],
    ['signed by another', signed(good, foreign), 'UPDATE_BAD_SIGNATURE'],
    ['changed after it was signed', { ...signed(good), [NAME]: bytesOf(manifest({ version: '0.2.1' })) }, 'UPDATE_BAD_SIGNATURE'],
    ['with a byte added', { ...signed(good), [NAME]: bytesOf(`${JSON.stringify(manifest())} `) }, 'UPDATE_BAD_SIGNATURE'],
    ['with half a signature', { [NAME]: good, [`${NAME}.sig`]: ours.sign(good).slice(0, 32) }, 'UPDATE_BAD_SIGNATURE'],
    ['with an empty signature', { [NAME]: good, [`${NAME}.sig`]: new Uint8Array() }, 'UPDATE_BAD_SIGNATURE'],
    ['cut off', { ...signed(good), [NAME]: good.slice(0, 100) }, 'UPDATE_BAD_SIGNATURE'],
    ['rightly signed, for another channel', signed(bytesOf(manifest({ channel: 'preview' }))), 'UPDATE_BAD_MANIFEST'],
    ['rightly signed, with a name for a shell', signed(bytesOf(manifest({ files: [{ ...manifest().files[0]!, name: 'Nodestead$(id).AppImage' }] }))), 'UPDATE_BAD_MANIFEST'],
    ['without end', { ...signed(good), [NAME]: new Uint8Array(100_000) }, 'UPDATE_BAD_MANIFEST'],
    ['not there', {}, 'UPDATE_FEED_UNREACHABLE'],
    ['broken', { [NAME]: 500 }, 'UPDATE_FEED_UNREACHABLE'],
  ] as const)('is refused %s', async (_how, files: Files, code) => {
    await expect(read(files)).rejects.toMatchObject({ code })
  })

  it('is refused where it offers less than before, and taken where it offers as much', async () => {
    await expect(read(signed(good), '0.3.0')).rejects.toMatchObject({ code: 'UPDATE_ROLLBACK' })
    await expect(read(signed(good), '0.2.0')).resolves.toMatchObject({ version: '0.2.0' })
  })

  it('is unreachable where nothing answers', async () => {
    const fetch: FeedDependencies['fetch'] = () => Promise.reject(new TypeError('connection refused'))
    await expect(readFeed({ fetch, clock: new FakeClock() }, { config: configOf(ours), target: TARGET, seen: undefined })).rejects.toMatchObject({ code: 'UPDATE_FEED_UNREACHABLE' })
  })

  it.each(['answer', 'body'] as const)('is given up where its %s hangs', async (what) => {
    const clock = new FakeClock()
    const fetch: FeedDependencies['fetch'] = (_url, { signal }) => {
      if (what === 'answer') return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(new Uint8Array([0x7b]))
          signal.addEventListener('abort', () => controller.error(new Error('aborted')))
        },
      })
      return Promise.resolve(new Response(body))
    }
    const reading = readFeed({ fetch, clock }, { config: configOf(ours), target: TARGET, seen: undefined })
    const refusal = expect(reading).rejects.toMatchObject({ code: 'UPDATE_FEED_TOO_SLOW' })
    clock.advance(FEED_TIME_LIMIT_MS)
    await refusal
  })
})
