// What somebody has chosen shows from the first paint on. A file of its own: the pages allow no script inside of them.
(function () {
  try {
    var root = document.documentElement;
    var theme = localStorage.getItem('kaijiang.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    var language = localStorage.getItem('kaijiang.language');
    if (language === 'zh-CN' || language === 'en') root.lang = language;
  } catch (error) {
    console.warn('what was chosen before cannot be read', error);
  }
})();
