declare module 'opencc-js/dict/TSCharacters' {
  /** `<traditional> <simplified>[ <other simplified>…]|…` */
  const pairs: string;
  // eslint-disable-next-line no-restricted-syntax -- as the package has it
  export default pairs;
}
