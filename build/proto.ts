/**
 * `node build/proto.ts`: makes the TypeScript of every .proto file, beside it as `*_pb.ts`. It is committed, so that the sources run as they are; a
 * test makes it again and compares.
 */
import { existsSync, globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApiOf } from './openapi.ts'
import { main, ROOT, run, say } from './terminal.ts'

/** Folders from which .proto files import each other. */
export const PROTO_ROOTS = ['node-core/net/ipc/daemon', 'node-core/net/ipc/proto', 'node-core/services/proto'] as const
/** Files that others import and whose TypeScript is in a package. */
export const PROTO_IMPORTS = 'build/proto'
const IN_PACKAGES = 'rewrite_imports=./buf/validate/*_pb.js:@bufbuild/protovalidate/gen'

/** A script of a package, run by the Node that runs this one: it needs no shell and no PATH. */
const tool = (name: string): string => join(ROOT, 'node_modules', '@bufbuild', name, 'bin', name)

/** In buf's words: the files of this folder, beside those that any of them imports. */
function workspace(root: string): string[] {
  const files = globSync('**/*.proto', { cwd: join(ROOT, root) }).toSorted()
  return ['--config', JSON.stringify({ version: 'v2', modules: [{ path: root }, { path: PROTO_IMPORTS }] }), ...files.flatMap((file) => ['--path', join(ROOT, root, file)])]
}

/** The descriptors of the files in a root, with those that they import, as a serialized google.protobuf.FileDescriptorSet; without comments as an image of buf, which tells imports apart. */
export async function descriptorsOf(root: (typeof PROTO_ROOTS)[number], comments = true): Promise<Uint8Array> {
  const out = await mkdtemp(join(tmpdir(), 'nodestead-proto-'))
  try {
    const file = join(out, 'image.binpb')
    await run(process.execPath, [tool('buf'), 'build', ROOT, ...workspace(root), ...(comments ? ['--as-file-descriptor-set'] : ['--exclude-source-info']), '-o', file])
    return await readFile(file)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Generated text by its path below the project's folder. */
export async function generateProto(): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>()
  const out = await mkdtemp(join(tmpdir(), 'nodestead-proto-'))
  try {
    for (const [index, root] of PROTO_ROOTS.entries()) {
      const folder = join(out, String(index))
      const template = { version: 'v2', plugins: [{ local: [process.execPath, tool('protoc-gen-es')], out: folder, opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true', IN_PACKAGES] }] }
      await run(process.execPath, [tool('buf'), 'generate', ROOT, ...workspace(root), '--template', JSON.stringify(template)])
      for (const file of globSync('**/*_pb.ts', { cwd: folder })) made.set(join(root, file).replaceAll('\\', '/'), await readFile(join(folder, file), 'utf8'))
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
  return made
}

/** The service API as it was last: what it may not break. An image of buf. */
export const STABLE_SERVICES = 'build/proto/services.binpb'
const SERVICES = 'node-core/services/proto'
const OPENAPI = 'node-core/services/described/openapi-document.ts'

/** What of the service API's files here breaks those that rely on what it was; empty where nothing does. `root` is the folder of another project of the same layout. */
export async function brokenBy(root = ROOT): Promise<string> {
  const config = JSON.stringify({ version: 'v2', modules: [{ path: SERVICES }, { path: PROTO_IMPORTS }], breaking: { use: ['FILE'] } })
  try {
    await run(process.execPath, [tool('buf'), 'breaking', root, '--config', config, '--against', join(ROOT, STABLE_SERVICES), '--exclude-imports'])
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The module with the OpenAPI document, by its path below the project's folder. */
export async function generateOpenApi(): Promise<readonly [path: string, text: string]> {
  const document = openApiOf(await descriptorsOf(SERVICES))
  return [OPENAPI, `/** The OpenAPI document of the service API: made of the .proto files by build/proto.ts. */\nexport const OPENAPI: string = ${JSON.stringify(document)}\n`]
}

if (import.meta.main) {
  main(async () => {
    const broken = existsSync(join(ROOT, STABLE_SERVICES)) && !process.argv.includes('--breaking') ? await brokenBy() : ''
    if (broken !== '') throw new Error(`${broken}\nPrograms rely on the service API as it was. Add instead of changing; --breaking takes the change all the same.`)
    const made = new Map([...(await generateProto()), await generateOpenApi()])
    for (const [path, text] of made) await writeFile(join(ROOT, path), text)
    await writeFile(join(ROOT, STABLE_SERVICES), await descriptorsOf(SERVICES, false))
    say(`${made.size} files made of ${PROTO_ROOTS.length} folders`)
  })
}
