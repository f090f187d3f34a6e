/** What is used here and Chrome 87 and Safari 14 have not. Imported first. */

const text = String.prototype as { isWellFormed?: () => boolean };
text.isWellFormed ??= function (this: string): boolean {
  return !/\p{Surrogate}/u.test(this);
};

const list = Array.prototype as { at?: (index: number) => unknown };
list.at ??= function (this: unknown[], index: number): unknown {
  return this[index < 0 ? this.length + index : index];
};

const objects = Object as { hasOwn?: (object: object, name: PropertyKey) => boolean };
objects.hasOwn ??= (object, name) => Object.prototype.hasOwnProperty.call(object, name);
