/**
 * Makes a cell harmless to spreadsheets, which run what looks like a formula (OWASP: CSV injection), by a leading `'`.
 *
 * A cell is marked when its first character, blanks and quotes aside, is one of `= + - @ |`, their full-width forms, a
 * tab, CR or LF. A cell of nothing but digits, blanks and `+ - ( ) . , /` is left alone: that is a phone number or a
 * negative number, and without a letter no formula can call or fetch anything. A spreadsheet that expects another
 * delimiter cuts cells elsewhere, so what follows a `; , tab |` or line end inside a cell is marked too, if it starts
 * the same way and has a character that a harmful formula needs.
 */
export function formulaSafe(cell: string): string {
  if (!/[=+\-@|\t\r\n\uff1d\uff0b\uff0d\uff20\uff5c]/.test(cell)) return cell;
  const inner = /[;,\t|\r\n]/.test(cell) ? cell.replace(innerFormula, "$1'") : cell;
  return leadingFormula.test(cell) && !numberOrPhone.test(cell) ? `'${inner}` : inner;
}

/** Undoes the mark of `formulaSafe` at the start of a cell, so that an export reads back as what it was. */
export function withoutFormulaMark(cell: string): string {
  return cell.startsWith("'") && leadingFormula.test(cell.slice(1)) ? cell.slice(1) : cell;
}

const leadingFormula = /^(?:[\t\r\n]|[\s"'\u200b\u2060\ufeff]*[=+\-@|\uff1d\uff0b\uff0d\uff20\uff5c])/;
const numberOrPhone = /^[\d +\-().,/\u00a0\u202f]+$/;
const innerFormula = /([;,\t|\r\n][ "'\u00a0]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20][^;,\t|\r\n]*[(|![])/g;
