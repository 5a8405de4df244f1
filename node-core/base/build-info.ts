/** What a build says of itself: the commit that it was made of, and when. `build.json` in the build's folder, written by build/build-info.ts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { VERSION } from './version.ts'

export const BUILD_FILE = 'build.json'

const buildInfoSchema = z.object({
  /** 40 hex digits; absent where it was built without a repository. */
  commit: z.string().optional(),
  /** ISO 8601, UTC, whole seconds: the commit's, so that a commit gives the same bytes at any time. */
  time: z.string().optional(),
  /** The tree had changes that are in no commit. */
  dirty: z.boolean().default(false),
})

export type BuildInfo = z.output<typeof buildInfoSchema>

/** Undefined where the folder holds no build. */
export async function readBuildInfo(folder: string): Promise<BuildInfo | undefined> {
  try {
    return buildInfoSchema.safeParse(JSON.parse(await readFile(join(folder, BUILD_FILE), 'utf8'))).data
  } catch {
    return undefined
  }
}

const SHORT_COMMIT = 12

/** The answer to `--version`. `sources`: nothing was built, so no commit can be vouched for. */
export function versionLine(build: BuildInfo | 'sources' | undefined, nodeVersion = process.version): string {
  return `nodestead ${VERSION} (${[...originOf(build), `node ${nodeVersion}`].join(', ')})`
}

function originOf(build: BuildInfo | 'sources' | undefined): string[] {
  if (build === 'sources') return ['run from its sources']
  if (build?.commit === undefined) return ['commit unknown']
  return [`commit ${build.commit.slice(0, SHORT_COMMIT)}${build.dirty ? '-dirty' : ''}`, ...(build.time === undefined ? [] : [`built ${build.time}`])]
}
