/** Constants made with the zstd command, version 1.5.4, from what `zstdText` and the tests describe. */

/** 200,000 bytes that repeat and still need Huffman and FSE tables: two blocks. */
export function zstdText(): Uint8Array {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 12) % below;
  };
  const letters = (): string => Array.from({ length: 120 }, () => 'aeioulnrst'[next(10)]).join('');
  const lines = Array.from({ length: 8 }, (_, index) => `user:${index}:${letters()}`);
  let text = '';
  while (text.length < 200_000) text += lines[next(8)];
  return new TextEncoder().encode(text.slice(0, 200_000));
}

/** `zstd -3` of zstdText: content size and hash. */
export const ZSTD_TEXT = fromBase64(
  'KLUv/aRADQMAxEsARjRjEcBXOinGZIi8/3mkiYiI/0sJXABdAFwA0VZH6C/6oyBPx2UkGzc1p8Xr9Jllo4JEfPGU7OfQIspatwkE' +
    'McPxXhOZv91p8JZa2PUhkzlWHPS3xAxHuTZDLU2cvqYaNcc9U2I1+o60tOIxC2+i6gdfEwRCxRUTlLVMxTtYc0X5iClhSzPPYjKl' +
    'oU5iWkFELFtKyH8IqIkib84hm3HFvV8dRdzJPiYpote8oIqa14ZWfmLKXUkdzRMhS5c4VbSZPgmarObmUFBimVaR2GtNVLb5OAYz' +
    'I1UeOc2XWy57jUI6/jIRJVrtZOqn/3w65yTXqeQBYDLx7lJyaE5jlBJiVikWFi2ERvm9jXiLzoxjJskYmjLKap6JiEewhid7k5ow' +
    '4NoRt4Wev2U3Hbb89xGSBhIOVpd8Y/YjYaJPEbKT9gohXaqbxSZXMEK4qnFRRVgawRNVhWskTlMys0pJODDJjKt5ZVUWpVp/tvvz' +
    'YIsm1gqqbmQyHtXJEltm81YVsVwZbhcMThMTurTkIZtr0oMBg6Co8hYRERElJUlBCmkMIgkUBIHRuK0PEqAgCP7//32/AVyPOGC5' +
    'oDweyP/J+83Ta9ccUO5n+PL9837zgOT7iwvg9y1HK3h5QLkf4vAA8niMr4/4feb/dQ84t5PwAHnOv0McMLngnG5xQHk/2L1gzrf8' +
    'PnG6wQHPBczH6R7X45zszD7dA5r7AYcLeD7h/ZrHI65HpF4+5nx76tGN9vkchwu5vN/lguFmLpf35x3fX+5n/JxtcsDM8YLrAa5G' +
    'coFxQGDPdx4Q7AGDg/eL/487LiA358scjhe6hwucL+TlBqe7LV/cj3NxvnDA8nbF7dycr7ng/L+8XnE/5ubAxd5Oeb8fnPh98IDz' +
    '524KxyvuBxwuwMcf7oecrxyvuM/H83rxPtxOeYC9P69vz1eO17LvZ15ug30653zjgMIF4nid9zPfz+4J9fiG+yHvV14OF2TPd/m/' +
    'eRzQuJxu8/3g6QQeANcjHBD8vzgcsJxt5PvJ8Qqvd1zw5FSnfH54sHfTIb3C2V4P8QBztIYDNofrMc4cUJ5PeAD5c/n8lr0c5gHC' +
    '/cznjwfg93zh9Yr/08q/D96u5mw7Xo4XuQB5gDle4eUuFzzPhzzgfD4/sv8PXBDnWw4I3E3yep0LyPUQLt8PByzna9kvF4iD+0k+' +
    'f7xdxgXxAMz7icuhXPA8oNxN4+HL5x8H71cucA4Ipzu+PzmgOVyqPV95ABzw83E/424yRy6+3zwe8oBzQOT94PfJ6yWuR7ifeMD4' +
    'v3IB3M7l+80Fx/GC9yMfP3M74fvN/+N8AReQx+N8/zyfOMeqcj2IC+T/4j2gvF9wOcD3g/spB0Tt4yH/H98f7zcO6FzgvN55P7j3' +
    'M+cL+f+5HOSA4875nr9nvF3kzsn7xQPE3xN8vN9yLwhv13m/cz3I+cYD5Pt4P/B8zv0An+8HH/+OX1d4veTnTaoXIFdOfD/8Pvk/' +
    'dy9QHK4HODwAcbzABfN+1x6v5/fX1d+Pf92DC8zxGv8/DyAHDJfD+P7kcEDigvN84P0+F8gDhOMVBwzf/3x9ywVwPeL1Wu7z4fsA' +
    'cjmMC4rvNwdsLoDX2xwuwvf+f7lg/D54PsoDysHF/+d6hAOOeDaJ2wnvF853+fl55XiV/ys3s7FvFzhe44LjAeb9yuN+hguY4yX3' +
    'fOeAyeF8LxfE84nv/6HvuyV8vzmg+H+c7zwf5v/kdsbzGfcT55u5oPx/jldcD8fJ5SCuxvm/eE/3v+cLD4jvN75cIDweYB8w/h++' +
    'H3g85nSfB4THA5zvuAeU32fd+4knFyQ/73K2kcdD3guYL/czLu8H57vf38dcIA8Q9zM4XMwFc7rF94sHkNvJXCDuJvCA8XrJ/88F' +
    'zPWQ1xseAH4vBsoBw+HK+zmXg9oHzBws4vcB92M+HgDs1Wi4YJ6P+H55AL7PhzkguOB8+L+8X3JBza9LeD7w5PPL/Sz7gHC64f2S' +
    'C+ocLMQD4nqM5+P83FzQHPA52+T1yvk6/5crt3MecA4I/h8eMOebHFCuB93j9bmAuBxw3s/fG28X+H7wfOB+wrgYlM/9wPNJHoAc' +
    'LvJ85IDM4f2e85Xvl9sL4PM3b5e8n3BAOd/4/3k/8v6+uR/4fuEB4n7i+8HZdvf1aj7OtnC5Hs35kv+Pm8eDPGC4/D+8XcDL+5UD' +
    'wvHi7eUQ7//lfJO9HvB+xv/j84vrwTz+f47WY6/HuZ3jgOV6xO1MLnBeTuzl91Xv2XYeD/j2w+c/9wPPx7hgnG9w+PzjAeV+yAXN' +
    '1QhO9/D1zfmGM88HuQBeb9wP2l4gvn8eAD5u53K+8IByQHO0ltsp3E3mbBsPAPv7iOsRDyjvd1wwD8D3+8H9iAfE7yu5GGhODhd5' +
    'APi/c77ABXM74f2enxd5vXFxvuYB4YDhfN294Hm98H7kgPH9zv/leMHva54PecC5L/c48HzvJuPwfvH5yQGDk/eD0+18/OP97vQC' +
    '0P1ygfF/8fGHz/cPp9v837gArke1v898f7keWPQExQPm+dR5NsXtJA4onx+ux/Nyc/v/fT/dC8TnP08nOF/kXiBO3q/cTnXvh0qv' +
    'H/w/uRyA+7gfcMAL75byf3K64ffBAzTXIy7bC+L5JPYBwNkm9wPHq9xO4eU+5zv/t1wA76fdy/me+wEnh8u+72c8Hzmg3A9+/58c' +
    '7idON7yf5/E4P294gNy3y3E99h5wuADOVzwAuR7w++b9LheMl9+X7tslPv7h4AFsjxc53Ys9WufJ/cgBmc//x/uB42UOyFwgTrxf' +
    'PB/xOd91D2j5eeP95HSPA4b7IcfLvNzn/c75lvuJ072ot9/4f1wP5/OA4esTh8uyD9D2fOeAhgvI0Wruh5zucvN4wAM29wO/z55e' +
    'POb/wvEK1/MTHjBuvj5yvogL5HbOAcPr/ez5wvUoBxQXAC7Hq93zhecj3s/cTmGvh7ZvlxwvcUDmcgAPMO8XTp4POHJzcDk0d5N5' +
    'wJzucbyIffLx/ePp9PuAIQ1Bu/QOZB3l7UCmEIefqdBPbYs8VXvF7P2c853bGZ9fBSdQr+jASLK9RGaoyM39RSlzsrBsJ8q+KOaw' +
    'C5z7PTrvF/8Xr/f3MQ+A2xlcQBMcPzLtX5tyYBjsgKf5nv1UperUXuo8QNrrYacCgAmeDAOcuwqg1wG03wQ7gQGg1YCYh3Nm76sx' +
    'aQKZ6Ela5QoA+m7ZjDmoa0oGCKQ5nGvSYox5CGJT7S9gulsBzR8AAIHmaACRhD2aVtscEvj//z/B3Ae+P67HEb2AeD5wus3Zlnwc' +
    'UH6ftxeE9zMHPC+3nC9xAXz/c7GfX9xPeHD4fvP1IRfM8Sr3AXlPN1wP837BBfEA8XiY+yE387jAOV/5P7lgfh/4foaLgXA/cj2+' +
    'fbrnK99/9nroXAzE7TwPiAPO9Ri5GAgfBzQXwAPE/YzL4ZwvOXmA3M98fvL/0h4cDij3Y95veLgAnOzg4/vF7ZzPj/d4hYuTB8jn' +
    'Hz+X7zcuOIdLeQB8P7if8HI94vXCA8DZJteD3A94QLVHKzigvN9xuZ9ytsnxIu8HDyivl9xPug9HqzwA+XvMAeF+wAPKkQvgdo4D' +
    'lsMDNB4OyvuJy2GOV9/3o9gL4Pvn/zP/DuWC8fviesD5kgfM75MDtvv/cfL94nCZ5xNcYB4gt1P+Hw8Yrzd8P7kgbud8/uKC5cg+' +
    'HvIAOF7B95PH5y8XxAHF+53zBTlYiMcjfh95ANwP8HOBnG7w8543DzAHh/M1l98nuWD+L8drfJ6PuJ/k8XzKBXFA+X3l+Yyf9zwA' +
    'PFwAz2fExUDs5z+fBwSHi/l+sP8vF8z1QB4Az2f+X842QPUAzeH95How93O+5f/nZJf3I+4mOd1wPcjLAY3LQR4Avy+8H9/vT/6f' +
    'QS8f+f7w93785AI5XuDl/87B4yHu3wPfX865YK5H3E9oLxgODt4ueT9yNzkXkO+fA87xit83Dgjfp3POF66HvA8A9/vh85e7KW7n' +
    'ttfD/D/uZw647/UIL5/beVwwnk5xuuP5xPuRA54LyP/l9cbxGl/f+T+8H3k+1b1gPn88oLi5m+D96v3+uR/w+9peD/P/8vPq+/1w' +
    'vJQLyOUgvy88AE53OF/yeD7l2T3bxL0c4AHh8fBcANfDPByOV7sPiNtJPg8IX59xuDz7eJwHwPsBB4zznf+P95vbOQ9o/h5wQPn8' +
    '8oByc4FxNfbYa5H4+HI/ckBywfl++T8432ffb67H/D5s74fcTfJ8mAvggOP9zPePCzLeLeL95IDkdpL3i/MFD4j/Lxec75cDwueH' +
    '22nuJ7ggPv843/g/PGCc7/g/ueA8HuV84f/lepDPA8LlILeTHBD4e4a9OJzu4vF/ccH5eDzK+ZLfBy73Y/4e5IJxOYjvJwec52Me' +
    '92MeML8vnC/cTvg/OFz82YOFeIB5u+T3xf/B8Qrfj/b5gAuMA7rQs1OOF9wPOfPzlgPC6Z7vDy5YDv4eOd3xfvD7JPsAvAck9+zj' +
    'AadbuGD+r+/7yfESR+u5/wcv16PcTeP6Hjhc5PvJAf++31wPsr1g7kceMLczuQB8/xxwnG3mapzrQdwPHLBczrd8febjf94Pvj8c' +
    'sMgX8sYqujiOxg==',
);

/** `zstd -19 --no-check` of zstdText. */
export const ZSTD_TEXT_NO_HASH = fromBase64(
  'KLUv/aBADQMAfDgANn1yEqCXJAdJSShw2f8T8v//fwDA+2sAbABsALLOYjpBbHUWFWkXxWink6DF/ENfIcjTcVEQidrsQfHZGh4u' +
    's2xMBBFfvBH9XFBEOaq0gEBsnPU6BPO3uwZvGYU9X3AwxYoj/B0xwzEebaGlA9fPpjFy3FsDp9FXpKUTjymsxdQPfhYICCqedsRt' +
    'ofe3rNax5a9PgnS3u6Co4xCCObyDI0+Uj9gI2zB5Ckn0XcNCJbFOhOCJBY4tI8F/EGAWQ96UQ7S54t6fiiKuRJ+DTAgfWREmZh8t' +
    'qPxi46oMVZAlQpbuqFLgZoLkcEkEier1Q8lBgREHYSEJl448RHLN8OA2mfHkQb7cV7Bc9KE2Uwip+MsiGoJGDw79+ssnGeHcGSyu' +
    'ZmwfRv7rCwBIFu8iQpeSM/+wc+wgLjhEKSHmlGLhBE9UIUGU39LEUnSbQybJGE0RRSNvEfEIzvhgSzILBrgBqkeumf0kHOiHCNEZ' +
    '9AmKIQwXoWamksUOnuBnEcIMI4SamSdMhKURfAgz4ZnEw0Y2TSm1XhkJDjjIRM1e0ZRDmdafdH+PocZOmC8OVTSaWAPDVBOF8JFZ' +
    '3lppYU6O2DLtnZnAUg4yZWgZbhUYeIHFqOHv/3cxEOGGohhjkHIHEkgQ+P//10T4Bz8coreS9n9jz3Xlzz1BLqD/PdqWd3/0FHbT' +
    's66OHilb6kFjEwDYWjutlyuiep0xqLe+5/uAiN5NOb3N2XqXtPgHbz4wv3oyeiNu5h9zsJ6GTPXUF+mFP54PDomebSn5rGh948kh' +
    'HQAGOa3QQ2sDRGDYjl4QOHqdMNFbV2g9hJ2kN19Qen+BAbSIvn5O7zeYHshL6H3CoFfkOYCwf7Cil0sm30VxhIcb6usx4iUAlxxs' +
    'QP+NNdWvQPVGWZUPhWHApA1lRU+6SvIF/aBH9umhslkvzCl6QMH0yhvR45Zcj2so3+sx9XhEQO+4o6e+VD7Lop6TUj21xNTjGusp' +
    'bVj+60nqsSWE3jFH+VYVmQ9xg96YU/WirkIvTYn54o8CGHSnnV+9rSn14pDrJW8yYPaArALmDswCut6oi/yiLgp4Ttf6iV6Zcz2v' +
    'yPWEQOc7YxPAsoB29HiG6X3H6/mG16u0DJgzHqzyRd1Db7yB5GPMoHdJ04BNmWTrLUBjVls/0ltZ/6c1ud33oDfsMb3FXXqfsNCr' +
    'J6B64RB/56y9fqiXPamebSn/ckWq+48BOHuf/7Yl5d2/vCH88scdHS5e1UNjVA8gkHr3WW89QesNv/TKG6wnhedv3D0X9KopVH6q' +
    'SvlEHqW3H5ADrSgVvS96lHb0mLWjN/rUgz1bz6jj/f0A0it4eneF50dbfIAGVVr0wh/z77z/dsv0dkbSQ2kVwKCL1k/qrayvh1f0' +
    'UFkK8cSgGhAIiFZwehQXAQ66tvEgPWDw9fZDjzXdAYO/2PNS/upKT9TdgIAAwd5XPZqzgGmLYelWr8pK+SZOAW4JawE7wKYE237J' +
    'v6qmR1tej8zh8o388quq1PsB6w8OgboaWNhxel2nl8I+YHkpVnrFnQVQYfDVw7+RN3MFF6DYw603APi+7v5J3OD9x3z74gCJnHkF' +
    '1iNz/DdnxO5+zae46f0DGoAOUS/gAhL5avkSoMzJruAClvu9rgcAesQii3owKOSbNRCAEvvLttOrM/JP7iBuAALsClsrAYl8sYDX' +
    '+4ihx6ZQFQ+v6Hqecf/GL1w7p6c5f74OYcC25Np+opfIMwAWlXZ+B/iO+RVcDyAwvbmj/PTF6RX4ChAK6ys4PXrD9SrsAiQzddFK' +
    'Ae7JWbZJgEqrX9bzDe1vffK7gCprsvc5AEwaFy6i944IvV4BgBBYvAFNz04D7gkFKzjA4IcvYA+4Lsfi1QCydzYA9WpN8jFp0WvU' +
    '1QsEGKBPEFzpvaQQ4Jwd9t96t8XqoTT9lTnd3U96q2sAy0vefDZANuUL+IA4BLPl5oB/xPLNgEwasALQqLfLl9QTCMBLpq7olTn4' +
    'g8YOsAM6gGcYXV/e/7+mwOYj/6Muexeg3OjiFf+i8V+sN3VNQLlR64cBTNz6AkCLpgvoAKPP3H8D6JTmpXt6LCsALmt928WA+RS2' +
    'QHTRkz8wgBL/tvdLAHyzO/4HzA/Yfh8QiQ1L9wI8Z3b9MAC49PuPAch+X8ABFPtw+309NyE/GqmeDBLA8lK33wMQA1/76AsClv3f' +
    'yi4HAHCTcOHCenq0XjYNQDR+aLeyALhJcoWeFo2eEFB/fugbMACgsF6+DJDM4wJ6vXodgG3dFeifl4yX7wNkk3PtbEA9IDv/AnBN' +
    'duUgANjGwX7eE9CPwGHLoeVuunnA3PnyjRco+/4HIAdw0ykAAV6T93ZhAD+08+XbToDPv3Q6xwD9tBcA7oNxkbN8OhcInAHQo2Q6' +
    'BxznSgdQ6YGAocoDAKf6BQChCvUSAACAuGwAIQjBCYIwDHIQzAdcqis9pI3obcJGD3ec9b4j+crWXq+sGb0CPvXWE04PJE5PBFKP' +
    'M26+oP/SS+bVE32v19spevBH0vNy0Pyg7ugxa9Ar2l69Yg3Wi7gn3/1IvdGW6xV30jPqRK/78fnS1vQOecnn+1/PBeX1Rl7oSV+Q' +
    'DwxigInbWD/I74BTr/OV+Y72+EPgza4f6nG+K38FHT2EHVLiAehBvduRBIi+HDZg/gi71rMxVY9r0lPaQI8vYD3csfNRWOot4I/8' +
    'cUXMB3OM3l0BwIB/mHV+uEPViydAvmRd6smQcD3L2vWGtiR6yTw9HyH5aIiup67MAGQOZfNR/lF3/uFOekPcqXdHTM94y/XsC+Rz' +
    'RxnQKTc2H/WwJs5PSUd66QiaD0/E9fgE5d8LGnDM2WQtPbRGL2Vd9doUem4ITS+GTPW6nEgPbSH1lK9Ur5QleqMu9SjnN3BP8NL/' +
    '6p0xVS8XhHr/AFoA0LoJvdAX5uMT6aUvrOdyih4Ki+pJ3sofca83zGn5OuR8sgbV+4wPVNTrNB7VI+yn1xm7+Y659Uyc9FLUNKBT' +
    'vq3A8rMh+IDFXbTU4xFpfiZdPaiUnnCX/sWd+duP6ZE86qEz6ZkvlS/SmvX+AvWWNUsPLKrnlEEPW2ry4ZH0qCqer6SBHiMe0WM5' +
    'Qb3c0ASYtpyWL/VE2dWzJw690Ve932C9fgAJaKfY4qV6G/P1eIYD/v8AW+/pPafywZ9Vz0mv94SVngeM+TgjrxcEorcjhl5dsXxJ' +
    '+g8geTtrp3/yRsVlG/XUlUBv+Ne7G9p349e3AQ==',
);

/** 300,000 zero bytes: blocks of one byte repeated. */
export const ZSTD_ZEROS = fromBase64('KLUv/aTgkwQAVAAAEAAAAQD7/znAAgIAEAADnwQALSjeJg==');

/** `REDIS0011`: one raw block. */
export const ZSTD_SHORT = fromBase64('KLUv/SQJSQAAUkVESVMwMDEx3FeUnQ==');

/** `REDIS0011` through a pipe with --no-check: no content size, no hash, 18 bytes in all. */
export const ZSTD_SHORT_STREAM = fromBase64('KLUv/QBYSQAAUkVESVMwMDEx');

/** No bytes at all. */
export const ZSTD_EMPTY = fromBase64('KLUv/SQAAQAAmenYUQ==');

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
