import { useId, useState } from 'react'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { QueryState } from '../ui/States'
import styles from './settings.module.css'
import { type MailFolder, useFolders } from './useMail'

interface Props {
  connection: string
  mailbox: string
  /** What it is for; otherwise the folder. */
  label?: string
  /** The id of the folder that was chosen. */
  chosen: string
  onChoose: (folder: MailFolder) => void
}

/** FolderPicker walks the folders of a mailbox, a level at a time. */
export function FolderPicker({ connection, mailbox, label, chosen, onChoose }: Props) {
  const { t } = useText()
  const group = useId()
  const [path, setPath] = useState<MailFolder[]>([])
  const list = useFolders(connection, mailbox, path.at(-1)?.id ?? '')
  const folders = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <fieldset className={styles.choice}>
      <legend dir="auto">{[label ?? t('microsoft.folder'), ...path.map(({ name }) => name)].join(' / ')}</legend>
      {path.length > 0 && <Button onClick={() => setPath(path.slice(0, -1))}>{t('back')}</Button>}
      <QueryState of={list} />
      {folders.map((folder) => (
        <div key={folder.id} className={page.bar}>
          <label className={styles.radio} dir="auto">
            <input type="radio" name={group} checked={chosen === folder.id} onChange={() => onChoose(folder)} />
            <span>
              {folder.name} <span className={page.muted}>({folder.messageCount})</span>
            </span>
          </label>
          {folder.childCount > 0 && (
            <Button
              variant="quiet"
              onClick={() => setPath([...path, folder])}
              aria-label={t('microsoft.subfolders', { name: folder.name })}
            >
              ›
            </Button>
          )}
        </div>
      ))}
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>{t('documents.more')}</Button>}
    </fieldset>
  )
}
