import styles from './forms.module.css'

/** Notice says what was done, to those who can't see it, too. */
export function Notice({ text }: { text: string }) {
  return (
    <div role="status" className={text === '' ? styles.hidden : styles.notice}>
      {text}
    </div>
  )
}
