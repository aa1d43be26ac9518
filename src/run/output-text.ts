const TAG = /<(\/?)think(?:ing)?>/;
const THINKING = /^<think(?:ing)?>/;
const CLOSE = /<\/think(?:ing)?>/;
const ENDS_LINE = /\n\s*$/;

/**
 * Makes the pieces of an answer into those of its output: without `<think>` passages, and without white space at its two
 * ends. What may still become either is held back.
 */
export class OutputText {
  /** The beginning of a passage, or of a tag. */
  #held = '';
  /** White space that stands in the output only if more follows. */
  #space = '';
  #isBegun = false;
  #mark = { held: '', space: '', isBegun: false };

  /** What comes from here on may have to be taken back. */
  mark(): void {
    this.#mark = { held: this.#held, space: this.#space, isBegun: this.#isBegun };
  }

  takeBack(): void {
    this.#held = this.#mark.held;
    this.#space = this.#mark.space;
    this.#isBegun = this.#mark.isBegun;
  }

  /** The next piece of the output, often empty. `isRestart`: all that came before it, since the mark, was thinking. */
  push(piece: string): { readonly text: string; readonly isRestart: boolean } {
    this.#held += piece;
    let text = '';
    let isRestart = false;
    let isOpen = false;
    for (let tag = TAG.exec(this.#held); tag; tag = TAG.exec(this.#held)) {
      text += tag.input.slice(0, tag.index);
      this.#held = tag.input.slice(tag.index);
      if (tag[1] === '/') {
        const after = this.#held.slice(tag[0].length);
        isOpen = /^[ \t]*$/.test(after) && !ENDS_LINE.test(this.#space + text);
        if (isOpen) break;
        if (ENDS_LINE.test(this.#space + text) || /^[ \t]*\n/.test(after)) {
          // The model's template has swallowed the tag that opened it.
          this.takeBack();
          [text, isRestart] = ['', true];
        } else text += tag[0];
        this.#held = after;
      } else {
        const close = CLOSE.exec(this.#held);
        isOpen = !close;
        if (!close) break;
        this.#held = this.#held.slice(close.index + close[0].length);
      }
    }
    if (!isOpen) {
      const end = /(?:<\/?[a-z]{0,8})?$/.exec(this.#held)?.index;
      text += this.#held.slice(0, end);
      this.#held = this.#held.slice(end);
    }
    return { text: this.#withoutSpace(text), isRestart };
  }

  /** What was held back for its likeness to a tag, when nothing follows any more. */
  end(): string {
    if (THINKING.test(this.#held)) return '';
    const text = this.#held;
    this.#held = '';
    return this.#withoutSpace(text);
  }

  #withoutSpace(piece: string): string {
    const whole = this.#isBegun ? this.#space + piece : piece.trimStart();
    const text = whole.trimEnd();
    this.#space = whole.slice(text.length);
    this.#isBegun ||= text !== '';
    return text;
  }
}
