/** Reads what the build wrote about itself: `licenses.json` and the build info in the build's folder. Each part is read when somebody asks. */
import { readFile } from 'node:fs/promises'
import { arch, release, type as systemName } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { AboutReader, Component } from './about.ts'
import { readBuildInfo } from '../../base/build-info.ts'

const licensesSchema = z.array(
  z.object({
    name: z.string(),
    version: z.string(),
    license: z.string(),
    author: z.string().optional(),
    repository: z.string().optional(),
    text: z.string().optional(),
  }),
)

/** Components whose versions the process knows; others are not told. */
const COMPONENTS = ['electron', 'chrome', 'node', 'v8', 'uv'] as const

export function aboutReader(out: string, versions: Readonly<Record<string, string | undefined>> = process.versions): AboutReader {
  const licenses = async (): Promise<z.infer<typeof licensesSchema>> => (await readJson(join(out, 'licenses.json'), licensesSchema)) ?? []
  return {
    facts: async () => ({
      build: await readBuildInfo(out),
      components: COMPONENTS.flatMap((name): Component[] => {
        const version = versions[name]
        return version === undefined ? [] : [{ name, version }]
      }),
      system: `${systemName()} ${release()}, ${arch()}`,
    }),
    licenses: async () => (await licenses()).map(({ name, version, license, author, repository }) => ({ name, version, license, author, repository })),
    licenseText: async (name) => (await licenses()).find((entry) => entry.name === name)?.text,
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch {
    return undefined
  }
}
