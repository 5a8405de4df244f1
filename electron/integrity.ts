/**
 * Whether Electron holds the program's archive against the hashes that the build put into the program, block by block as it
 * reads (Electron's documentation, "ASAR Integrity"): on macOS and Windows it does and refuses what was changed, elsewhere
 * it cannot. Said to the person, because elsewhere the download is the last that anybody checks.
 */
export function checksArchives(platform: string): boolean {
  return platform === 'darwin' || platform === 'win32'
}
