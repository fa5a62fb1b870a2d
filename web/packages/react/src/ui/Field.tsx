import { cloneElement, type ReactElement, useId } from 'react'
import styles from './Field.module.css'

interface Props {
  label: string
  hint?: string
  /** The API's sentence, which is English. */
  error?: string
  /** Show the label to screen readers alone. */
  hideLabel?: boolean
  /** One input, select or textarea. */
  children: ReactElement<{ id?: string; className?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>
}

/** A control with its label, its hint and what is wrong with it. */
export function Field({ label, hint, error, hideLabel, children }: Props) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? styles.hidden : styles.label}>{label}</label>
      {cloneElement(children, { id, className: `${styles.control} ${children.props.className ?? ''}`, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': Boolean(error) || undefined })}
      {note && <p id={`${id}-note`} lang={error ? 'en' : undefined} className={error ? styles.error : styles.hint}>{note}</p>}
    </div>
  )
}
