"""Speed and accuracy, measured beside named peers; `./perception bench` lists them."""
