/** What lies beside a backup: what it holds, and that it was restored and looked at. */
export interface BackupDocument {
  readonly schema: 'backup/1'
  /** Of the machine's clock. */
  readonly at: string
  readonly onay_version: string
  /** Its name, in the directory where this lies. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  readonly head: { readonly seq: number; readonly hash: string }
  /** Files beside the database: artifacts, evidence, kill switches. */
  readonly files: number
  readonly seconds: number
}
