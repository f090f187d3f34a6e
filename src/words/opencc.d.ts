declare module 'opencc-js/dict/TSCharacters' {
  /** `<traditional> <simplified>[ <other simplified>…]|…` */
  const pairs: string;
  export default pairs;
}
