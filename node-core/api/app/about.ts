/** What the About screen tells, besides the name and the version. */
import type { BuildInfo } from '../../base/build-info.ts'

export interface Component {
  /** `electron`, `chrome`, `node`, `v8`. */
  readonly name: string
  readonly version: string
}

export interface AboutFacts {
  /** Undefined where nothing was built. */
  readonly build: BuildInfo | undefined
  readonly components: readonly Component[]
  /** Name, version and architecture of the operating system. */
  readonly system: string
}

export interface PackageLicense {
  readonly name: string
  readonly version: string
  /** SPDX expression, or what the package says. */
  readonly license: string
  readonly author: string | undefined
  readonly repository: string | undefined
}

export interface AboutReader {
  facts(): Promise<AboutFacts>
  /** Of every package that the app carries; empty where the build made no list. */
  licenses(): Promise<readonly PackageLicense[]>
  /** Undefined where the package has no such file. */
  licenseText(name: string): Promise<string | undefined>
}
